import type { Ask } from '../api/client';
import type { IContractAnswer, IReadinessRecord } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

/** The checklist, and what only people know. */
export class ReadinessModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
  }

  found: IReadinessRecord | null = null;
  contract: IContractAnswer | null = null;
  level = 0;

  /** Ask for another level. */
  setLevel(level: number): void {
    this.level = level;
    void this.refresh();
  }

  /** Write answers into production.yaml, and look at the checklist again. */
  async write(answers: Record<string, unknown>): Promise<void> {
    await this._ask('PUT', 'contract', { path: this.active.path, answers });
    await this.refresh();
  }

  protected async ask(path: string): Promise<() => void> {
    const contract = await this._ask<IContractAnswer>('GET', 'contract', { path }).catch(() => null);
    const found = await this._ask<IReadinessRecord>('POST', 'ready', { path, level: String(this.level) });
    return () => {
      this.found = found;
      this.contract = contract;
    };
  }

  protected forget(): void {
    this.found = this.contract = null;
  }
}
