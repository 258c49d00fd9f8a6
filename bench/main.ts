// `npm run bench`: the whole (bench/README.md), or with `access` first what sight and reach cost (bench/access.md).
if (process.argv[2] === 'access') await import('./access')
else await import('./run')
export {}
