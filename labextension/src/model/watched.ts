import type { Trouble } from '../api/client';
import { Signal } from '@lumino/signaling';
import type { IActiveNotebook } from './active';

/** Milliseconds until a server that did not answer is asked again. */
const RETRY = 5000;

/**
 * A model that looks only while somebody watches: `refresh` is called when it begins to be watched, for another
 * notebook, and when `due` says so. One question at a time; what comes in between is asked once, afterwards. A server
 * that is away is asked again, so that what is shown is true soon after it came back.
 */
export abstract class WatchedModel {
  constructor(protected active: IActiveNotebook) {
    active.switched.connect(this._onSwitched, this);
  }

  /** Something to show has changed. */
  readonly stateChanged = new Signal<this, void>(this);

  /** Whether there is an answer about this notebook. Without one nothing may be said of it. */
  isKnown = false;

  /** Why the last question had no answer. */
  trouble: Trouble | null = null;

  get isWatched(): boolean {
    return this._isWatched;
  }

  /** Somebody looks, or nobody does any more. */
  watch(isWatched: boolean): void {
    if (isWatched !== this._isWatched) {
      this._isWatched = isWatched;
      if (isWatched) {
        void this.refresh();
      } else {
        this.isKnown = false;
        this.rested();
      }
    }
  }

  /** Ask again, unless nobody watches. */
  async refresh(): Promise<void> {
    if (!this.looks) {
      return;
    }
    clearTimeout(this._timer);
    if (this._isAsking) {
      this._isLate = true;
      return;
    }
    this._isAsking = true;
    const path = this.active.path;
    try {
      const take = path ? await this.ask(path) : () => this.forget();
      if (path === this.active.path && this.looks) {
        this.trouble = null;
        take();
        this.isKnown = path !== '';
      }
    } catch (error) {
      if (path === this.active.path) {
        this.trouble = error as Trouble;
        this.isKnown = false;
      }
    } finally {
      this._isAsking = false;
    }
    this.stateChanged.emit();
    if (this._isLate) {
      this._isLate = false;
      await this.refresh();
    } else {
      this.wait();
    }
  }

  /** Whether it looks: while somebody watches. */
  protected get looks(): boolean {
    return this._isWatched;
  }

  /** Milliseconds after which it asks without being told to; 0: never. */
  protected get patience(): number {
    return this.trouble?.isPassing ? RETRY : 0;
  }

  /** Ask when the patience is over. */
  protected wait(): void {
    clearTimeout(this._timer);
    if (this.patience && this.looks) {
      this._timer = setTimeout(() => void this.refresh(), this.patience);
    }
  }

  /** Ask the server; what comes back takes the answer over. */
  protected abstract ask(path: string): Promise<() => void>;

  /** There is no notebook any more, or another one. */
  protected abstract forget(): void;

  /** Nobody watches any more. */
  protected rested(): void {
    return;
  }

  private _onSwitched(): void {
    this.forget();
    this.isKnown = false;
    this.trouble = null;
    this.stateChanged.emit();
    void this.refresh();
  }

  private _isWatched = false;
  private _isAsking = false;
  private _isLate = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
