import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Client } from '../configuration/client.js';
import { CodedError } from '../errors/coded-error.js';

/** Keeps out a client that has come in by a token of its own: what all have spent, and who may spend, is for whoever has the proxy's token. */
@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { knownClient } = context.switchToHttp().getRequest<Request & { knownClient?: Client | undefined }>();
    if (knownClient?.tokenDigest === undefined) return true;
    throw new CodedError(
      'invalid_token',
      `The token of client ${knownClient.name} is for its own calls. Use the BLOCKRUN_PROXY_TOKEN here.`,
    );
  }
}
