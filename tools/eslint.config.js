// The rules for what runs on a host, and for the JavaScript of the tests.
'use strict';
const js = require('@eslint/js');
const globals = require('globals');

module.exports = [
  // damage.js is no module: it stands behind a program, and uses its names.
  { ignores: ['tests/support/damage.js', 'tests/faults/app', 'tools/node_modules'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { ecmaVersion: 2022, sourceType: 'commonjs', globals: globals.node },
    rules: {
      eqeqeq: 'error',
      'no-control-regex': 'off', // what a name may not hold is spelled out
      'no-shadow': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TemplateElement[value.raw=/\\n/]',
          message: 'A text of several lines loses its indentation when it is packed.',
        },
      ],
      'no-var': 'error',
      'prefer-const': 'error',
      strict: ['error', 'global'],
    },
  },
];
