import React from 'react';
import type { IActions } from '../../actions';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import type { DeploymentModel } from '../../model/deployment';

/** From a prediction, a version or an artifact to everything that made it. */
export function Trace({ model, actions }: { model: DeploymentModel; actions: IActions }): React.ReactElement {
  const trans = useWords();
  const [id, setId] = React.useState('');
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        void actions.trace(id.trim());
      }}
    >
      <label className="jp-nb2prod-field">
        <span>{trans.__('Id of a prediction, a version or an artifact')}</span>
        <input className="jp-mod-styled" value={id} onChange={event => setId(event.target.value)} />
      </label>
      <Button label={trans.__('Trace')} isDisabled={!id.trim()} onClick={() => void actions.trace(id.trim())} />
      {model.traced && <pre className="jp-nb2prod-log">{JSON.stringify(model.traced, null, 2)}</pre>}
    </form>
  );
}
