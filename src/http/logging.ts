import { LoggerModule } from 'nestjs-pino';
import { assignRequestId } from './request-id.js';

/** JSON lines on standard output. Only method, path and status of a request are logged: no headers, no bodies, so nothing secret can be. */
export const logging = LoggerModule.forRoot({
  pinoHttp: {
    genReqId: assignRequestId,
    autoLogging: false,
    quietReqLogger: true,
    serializers: { req: () => undefined, res: () => undefined },
  },
});
