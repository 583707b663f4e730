import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IMended } from '../api/records';
import { Diff } from '../components/Diff';

/** Show what a fix does; whether it was accepted. */
export async function acceptDiff(mended: IMended, trans: TranslationBundle): Promise<boolean> {
  const note = mended.safe
    ? trans.__('What the notebook computes stays the same, or starts to work.')
    : trans.__('This may change what the notebook computes: read it first.');
  const result = await showDialog({
    title: mended.title,
    body: ReactWidget.create(
      <>
        <p>{note}</p>
        <Diff text={mended.diff} />
      </>
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Accept') })]
  });
  return result.button.accept;
}

/** Say what will happen and ask for a yes. With `question`, a line of text may be added; null where it was a no. */
export async function confirm(
  title: string,
  text: string,
  button: string,
  trans: TranslationBundle,
  question = ''
): Promise<string | null> {
  let typed = '';
  const result = await showDialog({
    title,
    body: ReactWidget.create(
      <div className="jp-nb2prod-confirm">
        <p>{text}</p>
        {question && (
          <label>
            {question} <input className="jp-mod-styled" onChange={event => (typed = event.target.value)} />
          </label>
        )}
      </div>
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label: button })]
  });
  return result.button.accept ? typed : null;
}
