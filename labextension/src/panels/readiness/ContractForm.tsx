import React from 'react';
import type { IActions } from '../../actions';
import type { IContractAnswer, IQuestionRecord } from '../../api/records';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';

export interface IContractFormProps {
  contract: IContractAnswer;
  actions: IActions;
}

/** A form over production.yaml: open questions first. */
export function ContractForm({ contract, actions }: IContractFormProps): React.ReactElement {
  const trans = useWords();
  const [typed, setTyped] = React.useState<Record<string, string>>({});
  const write = async (): Promise<void> => {
    const answers = Object.fromEntries(Object.entries(typed).map(([key, text]) => [key, text.trim() || null]));
    if (await actions.writeContract(answers)) {
      setTyped({});
    }
  };
  const field = ({ key, text, answer }: IQuestionRecord): React.ReactElement => (
    <label key={key} className="jp-nb2prod-field">
      <span>
        {text} <span className="jp-nb2prod-hint">{key}</span>
      </span>
      <textarea
        className="jp-mod-styled"
        rows={1}
        name={key}
        value={typed[key] ?? answer}
        onChange={event => setTyped({ ...typed, [key]: event.target.value })}
      />
    </label>
  );
  const open = contract.questions.filter(one => !one.answer);
  const answered = contract.questions.filter(one => one.answer);
  return (
    <form onSubmit={event => event.preventDefault()}>
      <p className="jp-nb2prod-hint">{trans.__('Written to %1. An empty field stays an open question.', contract.file)}</p>
      {open.map(field)}
      {answered.length > 0 && (
        <details>
          <summary>{trans._n('%1 answered', '%1 answered', answered.length)}</summary>
          {answered.map(field)}
        </details>
      )}
      <Button
        label={trans.__('Write production.yaml')}
        isAccented
        isDisabled={!Object.keys(typed).length}
        onClick={() => void write()}
      />
    </form>
  );
}
