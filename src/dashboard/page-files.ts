import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';

const PUBLIC = fileURLToPath(new URL('../../public/', import.meta.url));
const UPLOT = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'));

/**
 * Nothing but what this proxy itself serves: no script or style in the page, no frame around it, no form that is sent, nothing from
 * elsewhere. What somebody else wrote (a model's name, a seller's words) could not run, were it ever taken for markup.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-cache',
};

export interface PageFile {
  bytes: Buffer;
  headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The files of the page, read once: what is served is fixed, whatever a path says. */
@Injectable()
export class PageFiles {
  private readonly files = new Map<string, PageFile>();

  constructor() {
    for (const name of ['index.html', 'app.css', 'app.js', 'charts.js', 'format.js', 'live.js', 'tables.js', 'icon.svg']) {
      this.add(name, join(PUBLIC, name));
    }
    this.add('uplot.css', join(UPLOT, 'uPlot.min.css'));
    this.add('uplot.js', join(UPLOT, 'uPlot.iife.min.js'));
  }

  get(name: string): PageFile | undefined {
    return this.files.get(name);
  }

  private add(name: string, path: string): void {
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    this.files.set(name, { bytes: readFileSync(path), headers: { ...HEADERS, 'content-type': type } });
  }
}
