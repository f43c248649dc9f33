import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';

/**
 * Lets through what changes something: with a token set, whoever sent it (the front door has seen to that); without one only the page that
 * this proxy serves. A browser says of itself where a request comes from; the front door has refused every other origin before.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(private readonly configuration: Configuration) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Request>();
    const isOwnPage = headers.origin !== undefined && headers['sec-fetch-site'] === 'same-origin';
    if (this.configuration.token !== undefined || isOwnPage) return true;
    throw new CodedError(
      'foreign_origin',
      'Only the dashboard itself may do this. On the command line use: blockrun-openclaw-proxy pause | resume --reason "…"',
    );
  }
}
