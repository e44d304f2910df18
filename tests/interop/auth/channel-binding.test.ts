// SCRAM tied to the TLS connection (T-26), with Cyrus: it knows `tls-unique` alone, in every version of TLS, and finds fault with
// anything else only when it checks the proof, in the same words as with a wrong password.
import { AuthenticationError, chooseMechanism, type ScramOptions, scram } from '@postrider/auth-sasl'
import { expect, it } from 'vitest'
import { choose, credentials, describeServer, refusal, setBench } from './scene.js'
import { servers } from './servers.js'
import { Visit } from './visit.js'

const bench = await setBench()

for (const server of servers.filter(({ offers }) => offers.includes('SCRAM-SHA-256-PLUS'))) {
  describeServer(server, bench, running => {
    const scramPlus = (visit: Visit) => choose(visit, 'SCRAM-SHA-256-PLUS', credentials(running(), bench))
    const bound = (channelBinding: ScramOptions['channelBinding']) =>
      scram('SHA-256', running().account, { channelBinding })

    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const hash of ['SHA-1', 'SHA-256', 'SHA-512'] as const) {
        it(`ties SCRAM-${hash}-PLUS to a connection of ${maxVersion} by tls-unique`, async () => {
          await using visit = await Visit.to(running(), { maxVersion })
          expect(visit.session.tls?.version).toBe(maxVersion)
          const channelBinding = visit.binding('tls-unique')
          await visit.session.authenticate(scram(hash, running().account, { channelBinding }))
          expect(visit.session.authenticated).toBe(true)
        })
      }

      it(`ties it to a resumed session of ${maxVersion} by the Finished message of the server, which is the first`, async () => {
        await using first = await Visit.to(running(), { maxVersion })
        // In TLS 1.3 tickets come behind the handshake, but before a reply. Each process of the server has a key of its own for
        // them; the one that made ours is free for the next visit when this one is over.
        await first.session.noop()
        const resume = first.tlsSession
        await first.session.quit()
        await using visit = await Visit.to(running(), { maxVersion, resume })
        expect(visit.tlsSocket.isSessionReused()).toBe(true)
        await visit.session.authenticate(scramPlus(visit))
        expect(visit.session.authenticated).toBe(true)
      })
    }

    it('is refused for the binding of another connection, which is what somebody in the middle has', async () => {
      await using other = await Visit.to(running())
      await using visit = await Visit.to(running())
      const error = await refusal(visit.session.authenticate(bound(other.binding('tls-unique'))))
      expect(error.reply?.code).toBe(server.wrong.code)
      expect(error.usable).toBe(true)
    })

    it('is refused for tls-exporter, and then takes tls-unique on the same connection', async () => {
      await using visit = await Visit.to(running(), { maxVersion: 'TLSv1.3' })
      const error = await refusal(visit.session.authenticate(bound(visit.binding('tls-exporter'))))
      expect(visit.codes).toEqual([334, server.wrong.code])
      expect(error.usable).toBe(true)
      await visit.session.authenticate(scramPlus(visit))
      expect(visit.session.authenticated).toBe(true)
    })

    it('is refused when the client says that it could bind but saw no offer: somebody has removed it (RFC 5802 6)', async () => {
      await using visit = await Visit.to(running())
      const error = await refusal(visit.session.authenticate(bound('unoffered')))
      expect(error.reply?.code).toBe(server.wrong.code)
    })

    it('is passed over where the TLS connection cannot be identified, unless it is required', async () => {
      await using visit = await Visit.to(running())
      const take = (require?: 'channel-binding') =>
        chooseMechanism(visit.offered, running().account, { secure: true, require })
      expect(take().name).toBe('SCRAM-SHA-512')
      expect(() => take('channel-binding')).toThrow(AuthenticationError)
    })
  })
}
