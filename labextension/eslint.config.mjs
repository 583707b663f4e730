import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib', 'ui-tests', '*.js', 'src/testing/nothing.js', 'src/api/records.ts'] },
  ...tseslint.configs.recommended,
  a11y.flatConfigs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'jsx-a11y/label-has-associated-control': ['error', { assert: 'either', depth: 3 }],
      'max-lines': ['error', { max: 160, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      curly: 'error'
    }
  },
  { files: ['**/*.spec.*'], rules: { 'max-lines-per-function': 'off' } }
);
