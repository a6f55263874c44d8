import time, pytest
from datetime import timedelta
from reconcile.domain.work import Act
from reconcile.domain.rules import discrepancy_id
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.inputs import latest_run
from reconcile.ledger.working import Change, Selection
from reconcile.models import Discrepancy, WorkItem
from tests.work.desk import open_office, NOW, RULE, DAY

@pytest.mark.django_db
def test_speed():
    office = open_office(1)
    one = Discrepancy.objects.get(pk=office.ids[0])
    rows=[]
    for n in range(1,100000):
        m=1_000_000_000_000+n
        rows.append(Discrepancy(id=discrepancy_id(m,RULE),mpxn=m,rule=RULE,severity=one.severity,network_id=one.network_id,supplier_id=one.supplier_id,flag="N",expected="A",mask=8,meters=1,in_flight=False,fingerprint=0,first_seen=DAY,opened_on=DAY,opened_as="new"))
    Discrepancy.objects.bulk_create(rows,batch_size=5000)
    bob=office.actor("bob")
    def go(asked):
        t=time.perf_counter()
        job=operations.work_on(actor=bob,asked=asked,of=Selection(query="",run=latest_run().pk,count=100000),now=NOW)
        ask=time.perf_counter()-t
        done=operations.perform(actor=MACHINE,job_id=job.pk)
        print(asked.act, done.state, done.message, f"ask {ask:.2f} all {time.perf_counter()-t:.2f}")
        return done
    go(Change(Act.ASSIGN, assignee="ann"))
    go(Change(Act.RAISE, to="network", words="x"))
    d=go(Change(Act.EXPLAIN, reason="x", due=DAY+timedelta(days=9), until_changed=True))
    t=time.perf_counter(); e=operations.work_on(actor=bob,asked=Change(Act.UNDO,undoes=d.result["entry"]),of=Selection(),now=NOW); print("undo",e.rows,time.perf_counter()-t)
    t=time.perf_counter(); office.run(resolve=tuple(office.ids)); print("follow none", time.perf_counter()-t)
    Discrepancy.objects.update(resolved_on=DAY,last_seen=DAY)
    t=time.perf_counter(); office.run(); print("follow 100000", time.perf_counter()-t)
