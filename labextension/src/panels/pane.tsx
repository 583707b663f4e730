import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { Words } from '../components/context';
import type { WatchedModel } from '../model/watched';

/** A pane of the panel: it draws what it shows, and lets its own models look, while it is visible; else nothing. */
export class Pane extends ReactWidget {
  constructor(
    private _draw: () => React.ReactElement,
    shown: WatchedModel[],
    private _watched: WatchedModel[],
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-nb2prod-pane');
    this.node.setAttribute('role', 'tabpanel');
    this.node.tabIndex = 0;
    shown.forEach(model => model.stateChanged.connect(this._onChange, this));
  }

  /** Its models look only while it does. */
  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._watch(true);
    this.update();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._watch(this.isVisible);
  }

  protected onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._watch(false);
  }

  protected render(): React.ReactElement {
    return <Words.Provider value={this._trans}>{this._draw()}</Words.Provider>;
  }

  private _onChange(): void {
    if (this.isVisible) {
      this.update();
    }
  }

  private _watch(isWatched: boolean): void {
    this._watched.forEach(model => model.watch(isWatched));
  }
}
