// `npm run bench`: the whole (bench/README.md), or with `access` first what sight and reach cost (bench/access.md), with `pages` what pages send,
// with `people` what lists of people cost (bench/people.md), with `switching` what many tenants cost their people, with `revocation` how soon
// what is taken away is gone in another process, with `sync` what a look into a large cloud costs (bench/sync.md), with `hosts` whether limits of hosts hold and what they cost (bench/hosts.md), with `clouds` what lists, streams and workers cost where clouds are large (bench/clouds.md).
if (process.argv[2] === 'access') await import('./access')
else if (process.argv[2] === 'people') await import('./people')
else if (process.argv[2] === 'pages') await import('./pages-main')
else if (process.argv[2] === 'switching') await import('./switching')
else if (process.argv[2] === 'revocation') await import('./revocation')
else if (process.argv[2] === 'sync') await import('./sync')
else if (process.argv[2] === 'hosts') await import('./hosts')
else if (process.argv[2] === 'clouds') await import('./clouds')
else await import('./run')
export {}
