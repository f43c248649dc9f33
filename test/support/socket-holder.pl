# Holds a listening socket as systemd does, and starts a command on it (sd_listen_fds(3)) each time that a line comes in.
# Usage: perl socket-holder.pl COMMAND...   Prints "listening PORT", then "started PID" for each line.
use strict; use warnings; use Socket; use Fcntl; use POSIX ();
$^F = 3; # descriptors up to this one stay open over exec, also when the socket is 3 itself
socket(my $socket, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
listen($socket, 64) or die "listen: $!";
$| = 1;
print 'listening ', (unpack_sockaddr_in(getsockname($socket)))[0], "\n";
$SIG{CHLD} = 'IGNORE';
while (<STDIN>) {
  my $pid = fork();
  if ($pid == 0) {
    POSIX::dup2(fileno($socket), 3);
    ($ENV{LISTEN_PID}, $ENV{LISTEN_FDS}) = ($$, 1);
    exec { $ARGV[0] } @ARGV or die "exec: $!";
  }
  print "started $pid\n";
}
