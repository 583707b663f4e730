import React from 'react';
import type { IActions } from '../../actions';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import { answerTo, type ReadinessModel } from '../../model/readiness';
import { questionsOf } from './questions';

/** A form over production.yaml. */
export function ContractForm({ model, actions }: { model: ReadinessModel; actions: IActions }): React.ReactElement {
  const trans = useWords();
  const [typed, setTyped] = React.useState<Record<string, string>>({});
  const write = async (): Promise<void> => {
    const answers = Object.fromEntries(Object.entries(typed).map(([key, text]) => [key, text.trim() || null]));
    if (await actions.writeContract(answers)) {
      setTyped({});
    }
  };
  return (
    <form onSubmit={event => event.preventDefault()}>
      {questionsOf(trans).map(([key, question]) => (
        <label key={key} className="jp-nb2prod-field">
          <span>{question}</span>
          <textarea
            className="jp-mod-styled"
            rows={1}
            name={key}
            value={typed[key] ?? answerTo(model.contract, key)}
            onChange={event => setTyped({ ...typed, [key]: event.target.value })}
          />
        </label>
      ))}
      <Button
        label={trans.__('Write production.yaml')}
        isAccented
        isDisabled={!Object.keys(typed).length}
        onClick={() => void write()}
      />
    </form>
  );
}
