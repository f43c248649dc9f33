import { connect, type Socket } from 'node:net';

/** What a server answers to these bytes, up to the end of the connection or of the answer's head. */
export function rawExchange(url: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = rawSocket(url, () => socket.write(bytes));
    const over = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (part) => {
      answer += part.toString('latin1');
      // An early hint or a "go on" is not the answer.
      if (/^HTTP\/1\.1 (?!1\d\d )[\s\S]*\r\n\r\n/m.test(answer)) over();
    });
    socket.once('close', over);
  });
}

/** A connection whose errors are nobody's concern. */
export function rawSocket(url: string, connected: () => void = () => undefined): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, connected);
  socket.on('error', () => undefined);
  socket.resume(); // else its end is never seen
  return socket;
}

/** The status that an answer begins with; undefined when the connection was closed without one. */
export function statusOf(answer: string): number | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  return status === undefined ? undefined : Number(status);
}
