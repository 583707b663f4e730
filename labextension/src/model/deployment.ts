import type { Ask } from '../api/client';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

export interface IDeployed {
  version: string;
  since: string;
  by: string;
  gate: Record<string, unknown> | null;
  model_age_days: number | null;
  data_age_days: number | null;
}

export interface IEnvironment {
  name: string;
  champion: IDeployed | null;
  challengers: IDeployed[];
  predictions_per_day: (number | { day: string; count: number })[];
}

export interface IVersion {
  version: string;
  commit: string;
  at: string;
  by: string;
  gate: Record<string, unknown> | null;
  metrics: Record<string, unknown>;
}

export interface IStatus {
  name: string;
  environments: IEnvironment[];
  versions: IVersion[];
}

export interface IHistoryEvent {
  kind: string;
  version: string;
  environment: string | null;
  at: string;
  by: string;
  because: string | null;
  tag: string;
}

/** Versions and where they are. */
export class DeploymentModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
  }

  status: IStatus | null = null;
  events: IHistoryEvent[] = [];
  traced: Record<string, unknown> | null = null;

  /** From an id to everything that made it. */
  async trace(id: string): Promise<void> {
    this.traced = await this._ask<Record<string, unknown>>('GET', 'trace', { path: this.active.path, id });
    this.stateChanged.emit();
  }

  protected async ask(path: string): Promise<() => void> {
    const status = await this._ask<IStatus>('GET', 'status', { path });
    const history = await this._ask<{ events: IHistoryEvent[] }>('GET', 'history', { path });
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
