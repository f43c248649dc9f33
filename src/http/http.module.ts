import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { CallsModule } from '../calls/calls.module.js';
import { GracefulStop } from './graceful-stop.js';
import { JsonBodyMiddleware } from './json-body.middleware.js';
import { LocalAccessMiddleware } from './local-access.middleware.js';
import { OpenAiErrorFilter } from './open-ai-error.filter.js';
import { RequestIdMiddleware } from './request-id.middleware.js';

const BODY_PATHS = ['v1/chat/completions', 'dashboard/pause', 'dashboard/resume'];

/** The front door: who may come in, how bodies are read, and how errors are told, for every path. */
@Module({ imports: [CallsModule], providers: [GracefulStop, { provide: APP_FILTER, useClass: OpenAiErrorFilter }] })
export class HttpModule implements NestModule {
  constructor(private readonly stop: GracefulStop) {}

  configure(consumer: MiddlewareConsumer): void {
    const admit = (request: Request, response: Response, next: NextFunction) => this.stop.admit(request, response, next);
    consumer.apply(RequestIdMiddleware, admit, LocalAccessMiddleware).forRoutes('{*path}');
    consumer.apply(JsonBodyMiddleware).forRoutes(...BODY_PATHS.map((path) => ({ path, method: RequestMethod.POST })));
  }
}
