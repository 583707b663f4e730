import type { Ask } from '../api/client';
import type { IEvent, IHistory, IStatus } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

/** Versions and where they are. */
export class DeploymentModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
  }

  status: IStatus | null = null;
  events: IEvent[] = [];
  traced: Record<string, unknown> | null = null;

  /** From an id to everything that made it. */
  async trace(id: string): Promise<void> {
    this.traced = await this._ask<Record<string, unknown>>('GET', 'trace', { path: this.active.path, id });
    this.stateChanged.emit();
  }

  protected async ask(path: string): Promise<() => void> {
    const status = await this._ask<IStatus>('GET', 'status', { path });
    const history = await this._ask<IHistory>('GET', 'history', { path });
    return () => {
      this.status = status;
      this.events = history.events;
    };
  }

  protected forget(): void {
    this.status = this.traced = null;
    this.events = [];
  }
}
