import {
  Body,
  Controller,
  Get,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { ChainActions } from './chain-actions.js';
import { ChainFinder } from './chain-finder.js';
import type { ConsoleSettings } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';
import { ErrorReply } from './error-reply.filter.js';
import { readAsset } from './assets.js';
import { emulatorView } from './emulator-view.js';
import { Reply, type WebResponse } from './reply.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { Snapshots } from './snapshots.js';
import { Watchers } from './watchers.js';

/** The page, its files, and the API behind it. Answers pass no interceptor of the application's. */
export abstract class ConsoleController {
  constructor(
    @Inject(CONSOLE_SETTINGS) private readonly settings: ConsoleSettings,
    @Inject(Reply) private readonly reply: Reply,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(Watchers) private readonly watchers: Watchers,
    @Inject(ChainFinder) private readonly finder: ChainFinder,
    @Inject(ChainActions) private readonly actions: ChainActions,
  ) {}

  /** The last part of the console's path. */
  private get name(): string {
    return this.settings.path.split('/').at(-1) ?? '';
  }

  @Get()
  async page(
    @Req() request: { readonly url: string },
    @Res() response: WebResponse,
  ): Promise<void> {
    // The page names its files relative to itself, so that it works behind any prefix.
    if (/\/(\?|$)/.test(request.url)) this.reply.redirect(response, `../${this.name}`);
    else this.reply.asset(response, await readAsset('index.html', { base: this.name }));
  }

  @Get(':file')
  async file(@Param('file') file: string, @Res() response: WebResponse): Promise<void> {
    this.reply.asset(response, await readAsset(file));
  }

  @Get('api/overview')
  @UseGuards(SameOriginGuard)
  async overview(@Res() response: WebResponse): Promise<void> {
    this.reply.json(response, await this.snapshots.take());
  }

  /** A snapshot now, and another whenever it is time. */
  @Get('api/events')
  @UseGuards(SameOriginGuard)
  events(@Res() response: WebResponse): void {
    this.watchers.add(this.reply.stream(response));
  }

  @Get('api/chains')
  @UseGuards(SameOriginGuard)
  async chains(
    @Query() query: Record<string, unknown>,
    @Res() response: WebResponse,
  ): Promise<void> {
    this.reply.json(response, await this.finder.list(query));
  }

  @Get('api/chain')
  @UseGuards(SameOriginGuard)
  async chain(@Query('key') key: unknown, @Res() response: WebResponse): Promise<void> {
    this.reply.json(response, await this.finder.show(key));
  }

  @Post('api/chain/:action')
  @UseGuards(SameOriginGuard)
  async act(
    @Param('action') action: string,
    @Body() body: unknown,
    @Req() request: { readonly ip?: string },
    @Res() response: WebResponse,
  ): Promise<void> {
    this.reply.json(response, await this.actions.act(action, body, request));
  }

  @Get('api/emulator')
  @UseGuards(SameOriginGuard)
  async emulator(@Res() response: WebResponse): Promise<void> {
    const { emulator } = this.settings;
    this.reply.json(response, await emulatorView(emulator, this.finder.realm));
  }
}

/** The controller of one console: at its path, behind its guards. */
export function consoleController({ path, guards }: ConsoleSettings): Type<ConsoleController> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  @UseFilters(ErrorReply)
  class LockerConsoleController extends ConsoleController {}
  return LockerConsoleController;
}
