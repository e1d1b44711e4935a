"""Who may do what: CONTRACT 5 with the standard roles, each operation by each kind of caller."""
from case import HostCase
from client import Client, script

FORBIDDEN = "You don't have permission to change this workflow"
UNDELETABLE = "You don't have permission to delete this workflow"

ALL = "all"  # every operation
READ = "read"  # reading only, the others 403
NONE = "none"  # 404 for everything


class Tenants(HostCase):
    def callers(self, owner):
        """Each kind of caller and what it may do to a workflow of `owner`."""
        elsewhere = self.person()
        same, other = owner.mandate, elsewhere.mandate
        return {
            "the owner": (owner, ALL),
            "a colleague": (self.colleague(owner), NONE),
            "an admin": (self.colleague(owner, ("admin",)), ALL),
            "a viewer": (self.colleague(owner, ("viewer",)), READ),
            "a viewer and user": (self.colleague(owner, ("viewer", "user")), READ),
            "the owner as viewer": (self.colleague(owner, ("viewer",), owner.user), READ),
            "an owner and viewer": (self.colleague(owner, ("viewer", "user"), owner.user), ALL),
            "roles with spaces": (self.colleague(owner, " viewer , admin "), ALL),
            "a sysadmin": (self.colleague(owner, ("sysadmin",)), ALL),
            "a sysadmin from elsewhere": (Client(self.host, "x", other, ("sysadmin",)), ALL),
            "a sysadmin of no tenant": (Client(self.host, "x", None, ("sysadmin",)), ALL),
            "a stranger": (elsewhere, NONE),
            "an admin from elsewhere": (Client(self.host, "x", other, ("admin",)), NONE),
            "a viewer from elsewhere": (Client(self.host, "x", other, ("viewer",)), NONE),
            "the same name elsewhere": (Client(self.host, owner.user, other, ("user",)), NONE),
            "an admin of that name": (Client(self.host, owner.user, other, ("admin",)), NONE),
            "the same name of no tenant": (Client(self.host, owner.user, None, ("admin",)), NONE),
            "an admin of no tenant": (Client(self.host, "x", None, ("admin",)), NONE),
            "the owner without roles": (Client(self.host, owner.user, same), NONE),
            "an unknown role": (Client(self.host, owner.user, same, ("owner",)), NONE),
            "a role in capitals": (Client(self.host, owner.user, same, ("ADMIN",)), NONE),
            "the role *": (Client(self.host, owner.user, same, ("*",)), NONE),
        }

    def test_reading(self):
        owner = self.person()
        workflowId, _ = owner.run()
        for name, (caller, may) in self.callers(owner).items():
            with self.subTest(name):
                listed = caller.list(filters={"id": workflowId}).json()
                visible = 0 if may == NONE else 1
                self.assertEqual(len(listed["items"]), visible)
                self.assertEqual(listed["pagination"]["totalItems"], visible)
                every = [each["id"] for each in caller.listAll().json()["items"]]
                self.assertEqual(workflowId in every, bool(visible))
                if visible:
                    self.checkOk(caller.detail(workflowId))
                    self.checkEnd(caller.join(workflowId).rest(), "completed")
                else:
                    self.checkAbsent(caller.detail(workflowId), workflowId)
                    answer = caller.call("GET", f"/{workflowId}/stream")
                    self.checkAbsent(answer, workflowId)

    def test_changing(self):
        owner = self.person()
        workflowId, _ = owner.run()
        body = {"prompt": script(chunks=0), "workflowId": workflowId}
        for name, (caller, may) in self.callers(owner).items():
            with self.subTest(name):
                if may == ALL:
                    self.checkOk(caller.stop(workflowId))
                    self.checkOk(caller.rename(workflowId, "name"))
                    caller.stream("POST", "/start/stream", body).rest()
                    continue
                before = self.everything()
                for answer in (
                    caller.stop(workflowId),
                    caller.rename(workflowId, "changed"),
                    caller.call("POST", "/start/stream", body),
                    caller.call("POST", "/start/stream", body, workflowId=workflowId),
                ):
                    self.checkDenied(answer, workflowId, may, FORBIDDEN)
                self.assertEqual(self.everything(), before)

    def test_deleting(self):
        owner = self.person()
        kept, _ = owner.run()
        for name, (caller, may) in self.callers(owner).items():
            with self.subTest(name):
                if may == ALL:
                    self.checkOk(caller.delete(owner.run()[0]))
                else:
                    self.checkDenied(caller.delete(kept), kept, may, UNDELETABLE)
                self.assertEqual([each["id"] for each in owner.listAll().json()["items"]], [kept])

    def checkDenied(self, answer, workflowId, may, text):
        if may == READ:
            self.checkError(answer, 403, text)
        else:
            self.checkAbsent(answer, workflowId)

    def test_creating(self):
        owner = self.person()
        for roles in (("user",), ("admin",), ("sysadmin",), ("viewer", "user")):
            workflowId, _ = self.colleague(owner, roles).run()
            mandate = self.allSeeing().detail(workflowId).json()["workflow"]["mandateId"]
            self.assertEqual(mandate, owner.mandate)
        before = self.everything()
        for roles in ((), ("viewer",), ("unknown",)):
            answer = self.colleague(owner, roles).call("POST", "/start/stream", {"prompt": "x"})
            self.checkError(answer, 403, "You don't have permission to create a workflow")
        self.assertEqual(self.everything(), before)

    def test_a_workflow_stays_its_makers_whoever_goes_on_with_it(self):
        owner = self.person()
        admin = self.colleague(owner, ("admin",))
        workflowId, _ = owner.run()
        admin.proceed(workflowId, script(chunks=0)).rest()
        workflow = owner.detail(workflowId).json()["workflow"]
        self.assertEqual(workflow["_createdBy"], owner.user)
        root = Client(self.host, "root", "operators", ("sysadmin",))
        root.proceed(workflowId, script(chunks=0)).rest()
        workflow = owner.detail(workflowId).json()["workflow"]
        self.assertEqual((workflow["mandateId"], workflow["currentRound"]), (owner.mandate, 3))

    def test_nothing_in_a_request_widens_an_identity(self):
        owner, stranger = self.person(), self.person()
        workflowId, _ = owner.run()
        wider = {
            "mandateId": owner.mandate,
            "userId": owner.user,
            "roles": ["sysadmin"],
            "X-Roles": "sysadmin",
        }
        query = {**wider, "workflowId": workflowId}
        self.checkAbsent(stranger.call("GET", "/threads", **query), workflowId)
        self.assertEqual(stranger.call("GET", "/threads", **wider).json()["items"], [])
        body = {"prompt": "x", **query}
        self.checkAbsent(stranger.call("POST", "/start/stream", body, **wider), workflowId)
        body = {"name": "x", **wider}
        self.checkAbsent(stranger.call("PATCH", f"/{workflowId}", body), workflowId)


class NoTenant(HostCase):
    """Users without a tenant have what they made, and nobody else's."""

    def alone(self, user, roles=("user",)):
        return Client(self.host, user, None, roles)

    def test_such_a_user_sees_what_it_made(self):
        client = self.alone("single")
        workflowId, _ = client.run()
        workflow = self.checkOk(client.detail(workflowId))["workflow"]
        self.assertEqual((workflow["mandateId"], workflow["_createdBy"]), ("", "single"))
        self.assertEqual(client.listAll().json()["items"], [workflow])
        self.checkOk(client.rename(workflowId, "mine"))
        self.checkOk(client.delete(workflowId))

    def test_group_means_my_without_a_tenant(self):
        workflowId, _ = self.alone("one").run()
        for caller in (
            self.alone("two"),
            self.alone("two", ("admin",)),
            self.alone("two", ("viewer",)),
        ):
            self.checkAbsent(caller.detail(workflowId), workflowId)
            self.assertEqual(caller.listAll().json()["items"], [])
        self.checkOk(self.alone("one", ("admin",)).detail(workflowId))
        self.checkOk(self.alone("one", ("viewer",)).detail(workflowId))

    def test_no_name_of_a_tenant_means_none(self):
        workflowId, _ = self.alone("solo").run()
        for mandate in ("None", "null", "undefined", "''", "0", "*", "%"):
            for user in ("solo", "other"):
                for role in ("user", "admin", "viewer"):
                    caller = Client(self.host, user, mandate, (role,))
                    self.checkAbsent(caller.detail(workflowId), workflowId)
                    self.assertEqual(caller.listAll().json()["items"], [])
        self.checkOk(Client(self.host, "x", "y", ("sysadmin",)).detail(workflowId))


class Names(HostCase):
    """Users and tenants are compared to the letter."""

    def test_names_that_are_nearly_the_same_are_not(self):
        owner = Client(self.host, "Mona", "Acme", ("user",))
        workflowId, _ = owner.run()
        for user, mandate in (
            ("mona", "Acme"),
            ("Mona", "acme"),
            ("Mona.", "Acme"),
            ("Mon", "aAcme"),
            ("Mona%", "Acme"),
            ("M_na", "Acme"),
            ("Acme", "Mona"),
            ("Mona'--", "Acme"),
        ):
            caller = Client(self.host, user, mandate, ("user",))
            self.checkAbsent(caller.detail(workflowId), workflowId)
            self.assertEqual(caller.listAll().json()["items"], [])

    def test_names_may_hold_any_character_of_a_header(self):
        for user in ("a@b.example", "o'brien", 'say "hi"', "semi;colon", "a,b", "back\\slash", "1"):
            client = Client(self.host, user, "tenant of " + user, ("user",))
            workflowId, _ = client.run()
            workflow = client.detail(workflowId).json()["workflow"]
            self.assertEqual(workflow["_createdBy"], user)
            self.assertEqual(workflow["mandateId"], "tenant of " + user)
        workflowId, _ = Client(self.host, "Jürgen".encode(), "Ü".encode(), ("user",)).run()
        workflow = self.allSeeing().detail(workflowId).json()["workflow"]
        self.assertEqual((workflow["_createdBy"], workflow["mandateId"]), ("Jürgen", "Ü"))

    def test_a_percent_sign_in_a_name_stands_for_itself(self):
        """Headers are not percent-encoded: two users must not become one."""
        written = Client(self.host, "u%41", "percent", ("user",))
        workflowId, _ = written.run()
        self.assertEqual(written.detail(workflowId).json()["workflow"]["_createdBy"], "u%41")
        plain = Client(self.host, "uA", "percent", ("user",))
        self.checkAbsent(plain.detail(workflowId), workflowId)

    def test_names_that_are_none_are_refused(self):
        for user, mandate in (
            ("u" * 256, "tenant"),
            ("user", "t" * 256),
            (b"\xff\xfe", "tenant"),
            ("user", b"\xc3"),
            ("user\x01", "tenant"),
            ("user", "ten\x7fant"),
        ):
            answer = Client(self.host, user, mandate, ("user",)).listAll()
            self.assertIn(answer.status, (400, 401), (user, mandate, answer))
        client = Client(self.host, "u" * 255, "t" * 255, ("user",))
        workflowId, _ = client.run()
        self.checkOk(client.detail(workflowId))
