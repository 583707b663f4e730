import React from 'react';

/** What a line of a unified diff is. The lines that name the cell are neither added nor removed. */
export function kindOf(line: string): string {
  if (/^(\+\+\+|---|@@)/.test(line)) {
    return 'head';
  }
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same';
}

/** A unified diff, each line with its sign. */
export function Diff({ text }: { text: string }): React.ReactElement {
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="jp-nb2prod-diff" tabIndex={0}>
      {text.split('\n').map((line, at) => (
        <span key={at} className={`jp-nb2prod-diff-${kindOf(line)}`}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
