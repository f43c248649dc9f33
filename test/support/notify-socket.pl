# Listens on a datagram socket of the file system, as a service manager does, and prints each datagram as a line. Node cannot open such sockets.
use strict; use warnings; use Socket;
my ($path) = @ARGV;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
$| = 1;
print "bound\n";
while (defined recv($socket, my $datagram, 65536, 0)) { print join(' ', split(/\n/, $datagram)), "\n"; }
