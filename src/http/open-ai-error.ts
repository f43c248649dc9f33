import { HttpException } from '@nestjs/common';
import { CodedError } from '../errors/coded-error.js';
import { errorTable } from './error-table.js';

/** OpenAI's error object; `param` and `code` are always there, as its clients expect. */
export interface OpenAiErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
  /** Beside the error and not in it: OpenClaw reads all of the error, and would go by the seller's words. */
  seller_message?: string;
}

export function openAiErrorBody({ message, code, param, sellerMessage }: CodedError): OpenAiErrorBody {
  const error = { message, type: errorTable[code].type, param: param ?? null, code };
  return sellerMessage === undefined ? { error } : { error, seller_message: sellerMessage };
}

/** Whatever was thrown, as a coded error: what Nest's router throws gets its code here. */
export function codedErrorFrom(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() === 404) return new CodedError('not_found', thrown.message);
  if (thrown instanceof HttpException && thrown.getStatus() === 400) return new CodedError('invalid_request', thrown.message);
  return new CodedError('internal_error', 'The proxy failed. See its log.', { cause: thrown });
}
