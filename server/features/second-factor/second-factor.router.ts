import { procedure, router } from '@/server/rpc/procedure'
import * as passkey from './passkey.schema'
import * as passkeys from './passkeys.service'
import * as schema from './second-factor.schema'
import * as service from './second-factor.service'

/** How I sign in, beside my password. */
export const secondFactorRouter = router({
  mine: procedure({
    scope: 'self',
    audit: 'none',
    impersonating: 'refused',
    summary: 'My second factors',
  })
    .output(schema.mineOutput)
    .query(({ ctx }) => service.myFactors(ctx.op)),
  begin: procedure({
    scope: 'self',
    audit: 'none',
    impersonating: 'refused',
    summary: 'A secret for my app of one-time codes',
  })
    .output(schema.setUpOutput)
    .query(({ ctx }) => service.beginSetUp(ctx.op)),
  enable: procedure({
    scope: 'self',
    audit: 'account.second_factor_set',
    summary: 'Turn one-time codes on, with a first code from the app',
  })
    .input(schema.enableInput)
    .output(schema.codesOutput)
    .mutation(({ ctx, input }) => service.enableTotp(ctx.op, input)),
  disable: procedure({
    scope: 'self',
    audit: 'account.second_factor_remove',
    summary: 'Turn my one-time codes off',
  })
    .input(schema.currentInput)
    .output(schema.doneOutput)
    .mutation(({ ctx, input }) => service.disableTotp(ctx.op, input.current)),
  passkeyOptions: procedure({
    scope: 'self',
    audit: 'none',
    impersonating: 'refused',
    summary: 'What my browser needs to make a passkey for this host',
  })
    .output(passkey.optionsOutput)
    .query(({ ctx }) => passkeys.registrationOptions(ctx.op)),
  addPasskey: procedure({
    scope: 'self',
    audit: 'account.second_factor_set',
    summary: 'Add a passkey to my account',
  })
    .input(passkey.addPasskeyInput)
    .output(schema.codesOutput)
    .mutation(({ ctx, input }) => passkeys.addPasskey(ctx.op, input)),
  removePasskey: procedure({
    scope: 'self',
    audit: 'account.second_factor_remove',
    ids: { id: 'passkey' },
    summary: 'Remove a passkey of mine',
  })
    .input(passkey.removePasskeyInput)
    .output(schema.doneOutput)
    .mutation(({ ctx, input }) => passkeys.removePasskey(ctx.op, input)),
  newRecoveryCodes: procedure({
    scope: 'self',
    audit: 'account.recovery_codes',
    summary: 'Ten new recovery codes in place of the former',
  })
    .input(schema.currentInput)
    .output(schema.codesOutput)
    .mutation(({ ctx, input }) => service.renewRecoveryCodes(ctx.op, input.current)),
})
