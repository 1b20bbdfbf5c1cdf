package simulation

import (
	"context"
	"math/rand/v2"

	"marmot/applier/ledger"
	"marmot/txn"
)

// steerEmitter takes one of a few emissions, or gives an order about it, as emitters and people do on any node at any time. Whether all
// nodes hold the same of it the checkpoints and the comparison of the ledgers at the end say.
func (w *world) steerEmitter(n *node, random *rand.Rand) {
	name := [...]string{"main", "audit", "far"}[random.IntN(3)]
	action := txn.EmissionAction(random.IntN(int(txn.EmissionRelease) + 1)) // 0: take it
	back := txn.Position(random.IntN(200))
	_ = n.use(func(r *run) error { // a node that is down gives no orders
		ctx, cancel := context.WithTimeout(r.ctx, publishTimeout)
		defer cancel()
		var owner txn.Epoch
		var state ledger.Emission
		var end txn.Position
		r.applier.Ask(func(l *ledger.Ledger) {
			owner, _ = l.Emitter(name)
			state, _ = l.Emission(name)
			end = l.Position()
		})
		var body txn.Body = &txn.EmissionControl{Emission: name, Action: action, Position: end - min(end, back), Reset: state.ResetAt}
		if action == 0 {
			body = &txn.EmissionOwner{Emission: name, Previous: owner}
		}
		_, err := r.origin.Control(ctx, body)
		if err != nil && r.ctx.Err() == nil && !harmless(err) {
			w.broken(survival, "order on emission %s by %s: %v", name, n.id, err)
		}
		return err
	})
}
