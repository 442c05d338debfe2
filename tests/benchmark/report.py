"""Figures as tables of GitHub's markdown."""

import statistics

from scenarios import SCENARIOS

_CACHE_MB = 8      # what the server configures: SqliteOptions::cache


class Figures:
    """All figures of a run; of repeated ones the median."""

    def __init__(self, figures):
        self._figures = figures

    def median(self, field, **what):
        values = [figure[field] for figure in self._figures
                  if field in figure and all(figure.get(key) == value for key, value in what.items())]
        return statistics.median(values) if values else None

    def values(self, key, **what):
        """What there is of a key, in the order of its coming."""
        found = [figure.get(key) for figure in self._figures
                 if all(figure.get(name) == value for name, value in what.items())]
        return list(dict.fromkeys(value for value in found if value is not None))


def _number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def _ratio(value, other):
    if not value or not other:
        return ""
    ratio = value / other
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def _table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] * len(header)) + " |"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def _rates(figures, size, database, slow):
    servers = figures.values("server", part="scenarios", people=size, slow=slow, database=database)
    peers = [server for server in servers if server != "onboard"]
    rows = []
    for scenario in SCENARIOS:
        for connections in figures.values("connections", part="scenarios", people=size, slow=slow):
            at = dict(people=size, connections=connections)
            of = dict(part="scenarios", scenario=scenario.name, database=database, slow=slow, **at)
            ours = of | {"server": "onboard"}
            rate = figures.median("rate", **ours)
            if rate is None:
                continue
            statements = dict(part="bare_database", database=database, slow=slow, people=size,
                              scenario=f"same-{scenario.statements}")
            raw = (figures.median("rate", connections=connections, **statements) or
                   figures.median("rate", connections=1, **statements))
            http = figures.median("rate", part="bare_http", scenario=scenario.name, **at)
            row = [scenario.title, connections, _number(rate), _number(figures.median("p50_ms", **ours), 2),
                   _number(figures.median("p99_ms", **ours), 2), _number(figures.median("server_us", **ours)),
                   _number(figures.median("syncs_per_operation", **ours), 3),
                   _number(raw), _ratio(rate, raw), _number(http), _ratio(rate, http)]
            for peer in peers:
                theirs = figures.median("rate", server=peer, **of)
                row += [_number(theirs), _ratio(rate, theirs)]
            rows.append(row)
    header = ["what", "connections", "a second", "p50 ms", "p99 ms", "CPU µs", "syncs each", "bare database",
              "ratio", "bare HTTP", "ratio"]
    for peer in peers:
        header += [peer, "ratio"]
    return _table(header, rows) if rows else ""


def _lean(figures, size):
    rows = []
    for database, name, connections, group, ours, ours_at in (
            ("sqlite", "login-new", 64, None, "login_new", 64), ("sqlite", "login-known", 64, None, "login_known", 64),
            ("sqlite", "redeem", 128, None, "redeem", 64), ("sqlite", "redeem", 128, None, "open_session", 64),
            ("sqlite", "insert", 128, None, None, 64),
            ("postgres", "login-new", 16, 1, "login_new", 16), ("postgres", "login-new", 4, 32, "login_new", 64),
            ("postgres", "login-known", 16, 1, "login_known", 16),
            ("postgres", "login-known", 4, 32, "login_known", 64)):
        raw = figures.median("rate", part="bare_database", database=database, scenario=f"lean-{name}", people=size,
                             connections=connections, group=group)
        rate = figures.median("rate", part="scenarios", server="onboard", scenario=ours, database=database,
                              people=size, connections=ours_at, slow=0)
        how = f"{connections} a commit" if group is None else f"{connections} connections, {group} a commit"
        if raw:
            rows.append([database, name, how, _number(raw), _number(rate) and f"{ours}, {ours_at} connections",
                         _number(rate), _ratio(rate, raw)])
    return _table(["database", "leanest statements", "how", "a second", "the server", "a second", "ratio"],
                  rows) if rows else ""


def _mixed(figures, size):
    rows = []
    for server in figures.values("server", part="mixed", people=size):
        for database in figures.values("database", part="mixed", people=size, server=server):
            for slow in figures.values("slow", part="mixed", people=size, server=server):
                def of(scenario, field):
                    return figures.median(field, part="mixed", server=server, database=database, people=size,
                                          slow=slow, scenario=scenario)
                alone, beside = of("session alone", "rate"), of("session beside", "rate")
                rows.append([server, database, f"+{slow / 1000:g} ms" if slow else "as it is", _number(alone),
                             _number(beside), f"{100 * beside / alone:.0f} %",
                             _number(of("session alone", "p99_ms"), 2), _number(of("session beside", "p99_ms"), 2),
                             _number(of("logins beside", "rate"))])
    return _table(["server", "database", "sync", "session checks alone", "beside logins", "kept", "p99 ms alone",
                   "p99 ms beside", "logins meanwhile"], rows) if rows else ""


def _passwords(figures, size):
    rows = []
    for database in figures.values("database", part="passwords", people=size):
        def of(scenario, field):
            return figures.median(field, part="passwords", database=database, people=size, scenario=scenario)
        rows.append([database, _number(of("sign-ins", "rate"), 1), _number(of("sign-ins", "p50_ms"), 0),
                     _number(of("session alone", "rate")), _number(of("session beside", "rate")),
                     _number(of("session alone", "p99_ms"), 2), _number(of("session beside", "p99_ms"), 2)])
    return _table(["database", "sign-ins a second", "p50 ms", "session checks alone", "beside sign-ins",
                   "p99 ms alone", "p99 ms beside"], rows) if rows else ""


def _start(figures, size):
    rows = []
    for server in figures.values("server", part="start", people=size):
        for database in figures.values("database", part="start", people=size, server=server):
            at = dict(server=server, database=database, people=size)
            load = dict(part="scenarios", scenario="login_new", slow=0, connections=64, **at)
            rows.append([server, database, _number(figures.median("milliseconds", part="start", **at)),
                         _number(figures.median("idle_mb", part="start", **at), 1),
                         _number(figures.median("resident_mb", **load), 1),
                         _number(figures.median("anonymous_mb", **load), 1)])
    return _table(["server", "database", "start to first answer, ms", "idle, MB", "under load, MB",
                   "of it anonymous, MB"], rows) if rows else ""


def _burst(figures, size):
    rows = []
    for database in figures.values("database", part="burst", people=size):
        at = dict(part="burst", people=size, database=database)
        fields = [("connections", 0), ("served", 0), ("refused", 0), ("p99_ms", 0), ("resident_mb", 1)]
        rows.append([database, *(_number(figures.median(field, **at), digits) for field, digits in fields)])
    return _table(["database", "connections", "201", "503", "p99 ms", "resident MB"], rows) if rows else ""


def _pair(figures, size):
    one, two = (figures.median("rate", part="pair", people=size, scenario=scenario)
                for scenario in ("one server", "two servers"))
    row = [_number(one), _number(two), _ratio(two, one)]
    return _table(["one server", "two servers", "ratio"], [row]) if one else ""


def _growth(figures):
    sizes = sorted(figures.values("people", part="scenarios", server="onboard"))
    if len(sizes) < 2:
        return ""
    rows = []
    for database in figures.values("database", part="scenarios", server="onboard"):
        for scenario in SCENARIOS:
            rates = [figures.median("rate", part="scenarios", server="onboard", database=database, slow=0,
                                    scenario=scenario.name, people=size, connections=64) for size in sizes]
            if all(rates):
                rows.append([database, scenario.title, *map(_number, rates), _ratio(rates[0], rates[-1])])
    return _table(["database", "what, at 64 connections", *(f"{size:,} people" for size in sizes), "times dearer"],
                  rows)


def _in_process(figures, size):
    rows = [[name, _number(figures.median("rate", part="in_process", scenario=name, people=size)),
             _number(figures.median("cpu_us", part="in_process", scenario=name, people=size), 1)]
            for name in figures.values("scenario", part="in_process", people=size)]
    return _table(["in process", "a second", "CPU µs"], rows) if rows else ""


class Goals:
    """What is to be reached, and what was. Goals whose figures were not measured are left out."""

    def __init__(self, figures, machine):
        sizes = sorted(figures.values("people", part="scenarios", server="onboard"))
        self.size = 1_000_000 if 1_000_000 in sizes else sizes[-1] if sizes else None
        self._figures, self._sizes, self._rows = figures, sizes, []
        self._slow = machine["slow_disk_us"]
        self._slow_sync_ms = (self._slow + machine["sync_us"]) / 1000

    def _ours(self, scenario, field="rate", connections=64, slow=0, database="sqlite", size=None):
        return self._figures.median(field, part="scenarios", server="onboard", scenario=scenario, slow=slow,
                                    connections=connections, database=database, people=size or self.size)

    def _bare(self, scenario, group, database="sqlite"):
        return self._figures.median("rate", part="bare_database", scenario=scenario, connections=group, slow=0,
                                    database=database, people=self.size)

    def _at_least(self, what, value, other, goal, digits=2):
        if value is not None and other:
            self._rows.append([what, f"≥ {goal:g}", f"{value / other:.{digits}f}",
                               "yes" if value / other >= goal else "**no**"])

    def _at_most(self, what, value, goal, digits=2, least=0):
        if value is not None:
            bounds = f"{least:g} to {goal:g}" if least else f"≤ {goal:g}"
            self._rows.append([what, bounds, f"{value:.{digits}f}", "yes" if least <= value <= goal else "**no**"])

    def table(self):
        if not self.size:
            return ""
        self._beside_peers()
        self._beside_bare()
        self._syncs()
        self._isolation()
        self._hashing()
        self._growth()
        self._rest()
        return _table(["goal", "", "reached", ""], self._rows) if self._rows else ""

    def _beside_peers(self):
        peers = self._figures.values("server", part="scenarios", people=self.size)
        wanted = [("login_new", 8, 2), ("login_known", 6, 1.8), ("redeem", 12, 3), ("sms", 6, 1.2), ("auth", 5, 1.4),
                  ("session", 2.5, 2.5), ("status", 2.5, 2.5), ("create", 2.3, 2.3)]
        for number, peer in enumerate([name for name in peers if name != "onboard"][:2]):
            for name, *goals in wanted:
                theirs = self._figures.median("rate", part="scenarios", server=peer, scenario=name, slow=0,
                                              connections=64, people=self.size)
                self._at_least(f"{name} : {peer}", self._ours(name), theirs, goals[number], 1)
            if self._slow:
                theirs = self._figures.median("rate", part="scenarios", server=peer, scenario="login_new",
                                              slow=self._slow, connections=64, people=self.size)
                ours = self._ours("login_new", slow=self._slow)
                self._at_least(f"login_new : {peer}, slow disk", ours, theirs, (25, 1.6)[number], 1)

    def _beside_bare(self):
        self._at_least("login_new : leanest SQLite at 64 a commit", self._ours("login_new"),
                       self._bare("lean-login-new", 64), 0.5)
        self._at_least("redeem : leanest SQLite at 128 a commit", self._ours("redeem"),
                       self._bare("lean-redeem", 128), 0.6)
        http = self._figures.median("rate", part="bare_http", scenario="session", connections=64, people=self.size)
        self._at_least("session : bare HTTP", self._ours("session"), http, 0.55)

        def library(name):
            return self._figures.median("rate", part="in_process", scenario=name, people=self.size)
        self._at_least("library alone, 64 waiting : leanest SQLite", library("sqlite/login-new/waiting"),
                       self._bare("lean-login-new", 64), 0.85)
        self._at_least("library alone, in groups : leanest SQLite", library("sqlite/login-new/group"),
                       self._bare("lean-login-new", 64), 0.85)
        self._at_least("PostgreSQL, library alone, 16 waiting : libpq doing the same",
                       library("postgres/login-new/waiting"), self._bare("same-login-new", 16, "postgres"), 0.8)
        one, two = (self._figures.median("rate", part="pair", people=self.size, scenario=scenario)
                    for scenario in ("one server", "two servers"))
        self._at_least("PostgreSQL, two servers : one", two, one, 1)

    def _syncs(self):
        for connections, least, most in ((1, 1, 1.1), (16, 0, 0.1), (64, 0, 0.035)):
            callers = "1 connection" if connections == 1 else f"{connections} connections"
            self._at_most(f"syncs of a login, {callers}",
                          self._ours("login_new", "syncs_per_operation", connections, self._slow), most, 3, least)
        for connections, most in ((16, 3.5), (64, 6)):
            p99 = self._ours("login_new", "p99_ms", connections, self._slow) if self._slow else None
            self._at_most(f"p99 of a login in slow syncs, {connections} connections",
                          p99 and p99 / self._slow_sync_ms, most, 1)

    def _isolation(self):
        def of(scenario, field, slow):
            return self._figures.median(field, part="mixed", server="onboard", database="sqlite", people=self.size,
                                        scenario=scenario, slow=slow)
        for slow, goal in ((0, 0.3), (self._slow, 0.5)) if self._slow else ((0, 0.3),):
            disk = ", slow disk" if slow else ""
            self._at_least(f"session checks beside logins : alone{disk}", of("session beside", "rate", slow),
                           of("session alone", "rate", slow), goal)
        p99 = of("session beside", "p99_ms", self._slow) if self._slow else None
        self._at_most("their p99 in slow syncs", p99 and p99 / self._slow_sync_ms, 1)

    def _hashing(self):
        def of(scenario):
            return self._figures.median("p99_ms", part="passwords", database="sqlite", people=self.size,
                                        scenario=scenario)
        alone = of("session alone")
        self._at_most("p99 of session checks beside sign-ins : alone", alone and of("session beside") / alone, 2, 1)

    def _growth(self):
        if len(self._sizes) < 2:
            return
        for name, most in (("login_new", 1.8), ("login_known", 1.8), ("redeem", 1.2), ("session", 1.2), ("sms", 1.2),
                           ("auth", 2), ("status", 2.1), ("create", 3)):
            small, large = (self._ours(name, size=size) for size in (self._sizes[0], self._sizes[-1]))
            if small and large:
                self._at_most(f"{name}, {self._sizes[0]:,} to {self._sizes[-1]:,} people, times dearer",
                              small / large, most)

    def _rest(self):
        start = dict(part="start", server="onboard", database="sqlite", people=self.size)
        self._at_most("idle, MB", self._figures.median("idle_mb", **start), 16, 1)
        self._at_most("start to first answer, ms", self._figures.median("milliseconds", **start), 50, 0)
        self._at_most("anonymous memory under logins, MB", self._ours("login_new", "anonymous_mb"), _CACHE_MB + 24, 1)
        for name, most in (("login-new", 20), ("redeem", 10)):
            rate = self._figures.median("rate", part="in_process", scenario=f"memory/{name}", people=self.size)
            self._at_most(f"{name} in memory, µs", rate and 1e6 / rate, most, 1)


def markdown(machine, all_figures):
    figures = Figures(all_figures)
    text = [f"{machine['date']}, {machine['processor']}, {machine['memory_gib']} GiB, Linux {machine['kernel']},"
            f" {machine['file_system']}, a sync of 4 KiB takes {machine['sync_us']} µs. Medians of"
            f" {machine['repeats']}, {machine['seconds']:g} s each; the run took {machine['took_s']} s."]

    def section(title, table):
        if table:
            text.append(f"**{title}**\n\n{table}")
    goals = Goals(figures, machine)
    section(f"Goals, {goals.size or 0:,} people", goals.table())
    for size in figures.values("people"):
        for database in figures.values("database", part="scenarios", server="onboard", people=size):
            for slow in figures.values("slow", part="scenarios", server="onboard", people=size):
                disk = f", every sync {slow / 1000:g} ms slower" if slow else ""
                section(f"{size:,} people, {database}{disk}", _rates(figures, size, database, slow))
        section(f"{size:,} people, beside the leanest statements", _lean(figures, size))
        section(f"{size:,} people, session checks (8 connections) beside logins (32)", _mixed(figures, size))
        section(f"{size:,} people, session checks (8 connections) beside sign-ins (16)", _passwords(figures, size))
        section(f"{size:,} people, start and memory", _start(figures, size))
        section(f"{size:,} people, more callers than may wait, every sync 20 ms slower", _burst(figures, size))
        section(f"{size:,} people, PostgreSQL, logins over 16 connections", _pair(figures, size))
        section(f"{size:,} people, the library alone", _in_process(figures, size))
    section("Growth", _growth(figures))
    return "\n\n".join(text)
