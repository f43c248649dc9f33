import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least that a proxy can do in Node: what comes in goes out, untouched. Argument: the origin of the upstream. */
const { hostname, port } = new URL(process.argv[2] ?? '');
const agent = new Agent({ keepAlive: true });

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const { method, url: path, headers } = request;
  const onward = send({ hostname, port, agent, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`));
