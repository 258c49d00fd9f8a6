import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { freehold } from './scripts/lib/lint/plugin.mjs'

const TESTS = ['**/*.{test,fixture}.{ts,tsx}', 'test/**', 'e2e/**', 'bench/**']
const CONFIGS = ['*.config.{ts,mts,mjs,js}']
const NEXT_FILES =
  'app/**/{page,layout,template,route,error,not-found,loading,global-error,forbidden,unauthorized,default,icon,robots}.{ts,tsx}'

/** ESLint's own rules that find mistakes (its recommended set, less what TypeScript reports already). */
const CORE = [
  ...[
    'for-direction',
    'no-async-promise-executor',
    'no-case-declarations',
    'no-compare-neg-zero',
    'no-cond-assign',
  ],
  ...[
    'no-constant-binary-expression',
    'no-constant-condition',
    'no-control-regex',
    'no-debugger',
    'no-delete-var',
  ],
  ...['no-duplicate-case', 'no-empty', 'no-empty-character-class', 'no-empty-pattern', 'no-ex-assign'],
  ...[
    'no-fallthrough',
    'no-global-assign',
    'no-invalid-regexp',
    'no-irregular-whitespace',
    'no-loss-of-precision',
  ],
  ...[
    'no-misleading-character-class',
    'no-prototype-builtins',
    'no-regex-spaces',
    'no-self-assign',
    'no-sparse-arrays',
  ],
  ...[
    'no-unexpected-multiline',
    'no-unreachable',
    'no-unsafe-finally',
    'no-unused-labels',
    'no-useless-catch',
  ],
  ...['no-useless-escape', 'require-yield', 'use-isnan', 'valid-typeof', 'no-var', 'prefer-const'],
]

export default defineConfig(
  globalIgnores(['**/.*', 'node_modules/', 'dist/', 'data/', 'coverage/', 'server/generated/', '**/*.d.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  // Types are known to the rules
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      // An async event handler in JSX is how React is written; everywhere else a promise must be awaited
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // async without await is how an interface's method or a route handler keeps its type
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      // our objects are closures, not classes: their functions may be passed on
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },

  // House rules, everywhere; the exceptions follow
  {
    files: ['**/*.{ts,tsx,mts,mjs,js}'],
    plugins: { freehold },
    rules: {
      'freehold/import-boundaries': 'error',
      'freehold/no-barrel': 'error',
      'freehold/no-built-sql': 'error',
      'freehold/no-default-export': 'error',
      'freehold/no-process-env': 'error',
      'freehold/no-resource-find-many': 'error',
      'freehold/no-role-names': 'error',
      'freehold/no-trpc-error': 'error',
      'freehold/no-unsafe-sql': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      ...Object.fromEntries(CORE.map((rule) => [rule, 'error'])),
    },
  },
  {
    files: ['server/**/*.ts', 'lib/**/*.ts', 'middleware.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-console': 'error', // the log has request id, tenant and actor, and no secrets
    },
  },
  { files: ['app/**/*.{ts,tsx}', 'ui/**/*.{ts,tsx}'], extends: [reactHooks.configs.flat['recommended']] },
  // Next's own link fetches each page in sight ahead (docs/decisions/0006)
  {
    files: ['app/**/*.tsx', 'ui/**/*.tsx'],
    ignores: ['ui/link.tsx'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'next/link', message: 'Use Link of ui/link' }] }],
    },
  },
  // The React Compiler is not used, so a library that it cannot optimise is no news
  {
    files: ['app/**', 'ui/**'],
    rules: { 'react-hooks/incompatible-library': 'off', 'react-hooks/exhaustive-deps': 'error' },
  },

  // Where a rule does not apply
  {
    files: [
      'server/platform/env.ts',
      'middleware.ts',
      'cli/env.ts',
      'scripts/**',
      'prisma/**',
      'tools/**',
      ...CONFIGS,
      ...TESTS,
    ],
    rules: { 'freehold/no-process-env': 'off' },
  },
  {
    files: [NEXT_FILES, ...CONFIGS, 'test/global-setup.ts', 'e2e/**'],
    rules: { 'freehold/no-default-export': 'off' },
  },
  { files: ['app/**'], rules: { 'freehold/no-barrel': 'off' } }, // a route may be one re-exported handler
  { files: ['server/rpc/**', ...TESTS], rules: { 'freehold/no-trpc-error': 'off' } },
  {
    files: ['server/authz/**', '**/*.policy.ts', 'lib/permissions.ts', 'prisma/**', 'scripts/**', ...TESTS],
    rules: { 'freehold/no-role-names': 'off' },
  },
  { files: ['prisma/seed/**', ...TESTS], rules: { 'freehold/no-resource-find-many': 'off' } },
  // DDL takes no bound values: the roles are made here, from names of our own, each escaped
  {
    files: ['server/db/bootstrap.ts', 'prisma/**', 'scripts/**', ...TESTS],
    rules: { 'freehold/no-built-sql': 'off' },
  },
  // A server component renders once: the clock is no danger there
  { files: [NEXT_FILES], rules: { 'react-hooks/purity': 'off' } },
  // Before the log is there, and after it, one speaks to the terminal
  { files: ['server/main.ts', 'server/start.ts'], rules: { 'no-console': 'off' } },
  {
    files: TESTS,
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      // a test reads JSON whose shape it asserts in the next line
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['e2e/**'], rules: { 'no-empty-pattern': 'off' } }, // Playwright's fixtures are written ({}, use)
)
