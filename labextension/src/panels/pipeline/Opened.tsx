import React from 'react';
import type { IActions } from '../../actions';
import type { IJob, IOpened } from '../../api/records';
import { Button } from '../../components/Button';
import { Section } from '../../components/Section';
import { useWords } from '../../components/context';

/** A stage that stands at the cell where it fails, in a scratch copy: what is loaded, and the way to its kernel. */
export function Opened({ job, actions }: { job: IJob; actions: IActions }): React.ReactElement {
  const trans = useWords();
  const { stage, cell, cell_id, raised, inputs, connection, process } = job.result as unknown as IOpened;
  return (
    <Section title={trans.__('Stage %1 stands open', stage)}>
      <p>
        {!cell && trans.__('It runs to its end.')}
        {cell && !raised && trans.__('It stands before %1.', cell)}
        {raised && trans.__('It stands at %1, which raised %2', cell, raised)}
      </p>
      {cell_id && <Button label={trans.__('Go to the cell')} onClick={() => void actions.goTo(cell_id)} />}
      <p>{trans.__('inputs loaded: %1', inputs.join(', ') || trans.__('none'))}</p>
      {actions.hasConsoles() && (
        <Button
          label={trans.__('Open a console')}
          title={trans.__('On its kernel, where the inputs are loaded')}
          isAccented
          onClick={() => void actions.openConsole(job.id, stage)}
        />
      )}
      <p className="jp-nb2prod-hint">
        {trans.__('Its kernel is alive, the pipeline unchanged. In a terminal:')} <code>{`jupyter console --existing ${connection}`}</code>{' '}
        {trans.__('and to end it:')} <code>{`kill ${process}`}</code>
      </p>
    </Section>
  );
}
