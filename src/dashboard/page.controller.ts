import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import type { Response } from 'express';
import { PageFiles } from './page-files.js';

/** `GET /` and the files that the page is made of. They hold no figures, and are open without the token: the page asks for it. */
@Controller()
export class PageController {
  constructor(private readonly files: PageFiles) {}

  @Get()
  page(@Res() response: Response): void {
    this.send('index.html', response);
  }

  @Get('dashboard/files/:name')
  file(@Param('name') name: string, @Res() response: Response): void {
    this.send(name, response);
  }

  private send(name: string, response: Response): void {
    const file = this.files.get(name);
    if (!file) throw new NotFoundException(`The dashboard has no file ${JSON.stringify(name.slice(0, 40))}.`);
    response.set(file.headers).send(file.bytes);
  }
}
