// `npm run bench`: the whole (bench/README.md), or with `access` first what sight and reach cost (bench/access.md), with `pages` what pages send.
if (process.argv[2] === 'access') await import('./access')
else if (process.argv[2] === 'pages') await import('./pages-main')
else await import('./run')
export {}
