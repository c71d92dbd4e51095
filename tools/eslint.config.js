// The rules for what runs on a host, and for the JavaScript of the tests.
'use strict';
const js = require('@eslint/js');
const globals = require('globals');

// A program exports main, and does nothing until that is called (remote/scripts/run_program.js). What a module may call
// when it is loaded only makes a value.
const PROGRAM =
  'Program:has(AssignmentExpression[left.object.name="module"] > ObjectExpression > Property[key.name="main"])';
const MAKES_A_VALUE =
  ':matches([callee.name=/^(require|inDeploy|meter|promisify)$/], [callee.object.name="path"])';
const EFFECTS = [
  `${PROGRAM} > ExpressionStatement:not([directive], [expression.left.object.name="module"])`,
  `${PROGRAM} > :not(VariableDeclaration, FunctionDeclaration, ClassDeclaration, ExpressionStatement)`,
  `${PROGRAM} > VariableDeclaration > VariableDeclarator CallExpression:not(${MAKES_A_VALUE}, :function *)`,
  `${PROGRAM} > VariableDeclaration > VariableDeclarator AwaitExpression:not(:function *)`,
];

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
        ...EFFECTS.map((selector) => ({
          selector,
          message: 'A program does nothing when it is loaded: this belongs into main.',
        })),
      ],
      'no-var': 'error',
      'prefer-const': 'error',
      strict: ['error', 'global'],
    },
  },
];
