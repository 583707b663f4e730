import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

/** The notebook that the panel speaks of. */
export interface IActiveNotebook {
  readonly panel: NotebookPanel | null;
  readonly path: string;
  /** Another notebook, or none. */
  readonly switched: ISignal<IActiveNotebook, void>;
  /** Its content changed and has been quiet for a while. */
  readonly edited: ISignal<IActiveNotebook, void>;
  /** Its file was written. */
  readonly saved: ISignal<IActiveNotebook, void>;
}

/** Follows the tracker. */
export class ActiveNotebook implements IActiveNotebook {
  constructor(tracker: INotebookTracker, milliseconds: number) {
    this._debouncer = new Debouncer(() => this._edited.emit(), milliseconds);
    tracker.currentChanged.connect((_, panel) => this._follow(panel));
    this._follow(tracker.currentWidget);
  }

  get panel(): NotebookPanel | null {
    return this._panel;
  }

  get path(): string {
    return this._panel?.context.path ?? '';
  }

  get switched(): ISignal<this, void> {
    return this._switched;
  }

  get edited(): ISignal<this, void> {
    return this._edited;
  }

  get saved(): ISignal<this, void> {
    return this._saved;
  }

  private _follow(panel: NotebookPanel | null): void {
    if (this._panel && !this._panel.isDisposed) {
      this._panel.context.model.contentChanged.disconnect(this._onContent, this);
      this._panel.context.saveState.disconnect(this._onSave, this);
    }
    this._panel = panel;
    if (panel) {
      panel.context.model.contentChanged.connect(this._onContent, this);
      panel.context.saveState.connect(this._onSave, this);
      void panel.context.ready.then(() => this._panel === panel && this._switched.emit());
    }
    this._switched.emit();
  }

  private _onContent(): void {
    void this._debouncer.invoke().catch(() => undefined);
  }

  private _onSave(_: unknown, state: string): void {
    if (state === 'completed') {
      this._saved.emit();
    }
  }

  private _panel: NotebookPanel | null = null;
  private _debouncer: Debouncer;
  private _switched = new Signal<this, void>(this);
  private _edited = new Signal<this, void>(this);
  private _saved = new Signal<this, void>(this);
}
