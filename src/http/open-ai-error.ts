import { HttpException } from '@nestjs/common';
import { CodedError } from '../errors/coded-error.js';
import { errorTable } from './error-table.js';

/** OpenAI's error object; `param` and `code` are always there, as its clients expect. */
export interface OpenAiErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

export function openAiErrorBody(error: CodedError): OpenAiErrorBody {
  return { error: { message: error.message, type: errorTable[error.code].type, param: error.param ?? null, code: error.code } };
}

/** Whatever was thrown, as a coded error: what Nest's router throws gets its code here. */
export function codedErrorFrom(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() === 404) return new CodedError('not_found', thrown.message);
  if (thrown instanceof HttpException && thrown.getStatus() === 400) return new CodedError('invalid_request', thrown.message);
  return new CodedError('internal_error', 'The proxy failed. See its log.', { cause: thrown });
}
