import type { PaymentPayload, PaymentRequirements, SettleResponse, SupportedResponse, VerifyResponse } from '@x402/core/types';
import { readBody, sendJson, serveOnLoopback, type LoopbackServer } from './loopback-server.js';

/** Judges and settles payments; which of the two kinds it is does not show over HTTP. */
export interface Facilitator {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Settling {
  supported(): SupportedResponse;
  verify(payload: PaymentPayload, requirements: PaymentRequirements): Promise<VerifyResponse>;
  settle(payload: PaymentPayload, requirements: PaymentRequirements): Promise<SettleResponse>;
}

const MAX_BODY_BYTES = 65_536;

/** The HTTP face that x402 prescribes for facilitators: GET /supported, POST /verify, POST /settle. */
export function serveFacilitator(settling: Settling): Promise<LoopbackServer> {
  return serveOnLoopback(async (request, response) => {
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /supported') return sendJson(response, 200, settling.supported());
    if (route !== 'POST /verify' && route !== 'POST /settle') return sendJson(response, 404, { error: 'Not found' });

    const { paymentPayload, paymentRequirements } = readOrder(await readBody(request, MAX_BODY_BYTES));
    const act = route === 'POST /verify' ? 'verify' : 'settle';
    sendJson(response, 200, await settling[act](paymentPayload, paymentRequirements));
  });
}

/** The packages and the signature check behind this look at every field themselves. */
function readOrder(body: Buffer): { paymentPayload: PaymentPayload; paymentRequirements: PaymentRequirements } {
  return JSON.parse(body.toString()) as { paymentPayload: PaymentPayload; paymentRequirements: PaymentRequirements };
}
