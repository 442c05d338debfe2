// A model of the part of SQLite's write-ahead log (wal.c of 3.40) that its fault lives in, and of our rules against
// it. All interleavings of its actors are searched, so what holds here holds whoever is fast or slow.
//
// Commits append frames to the log. A checkpoint copies them into the file, and notes in memory that all processes
// share how many are there: so many are backfilled. When all are, the next writer starts the log over: a new
// generation, no frames, nothing backfilled. Two kinds of locks keep readers and checkpoints apart. Whoever needs
// nothing of the log holds lock 0; then no checkpoint touches the file. Whoever reads the log holds another one, with
// a mark how far; then no checkpoint copies what is beyond the mark, and no writer starts the log over.
//
// The fault: a checkpoint reads how long the log is and then, in another step, how much of it is backfilled, and has
// none of those locks in between. If a writer starts the log over just then, the checkpoint compares the length of
// the old log with the nothing that is backfilled of the new one. It copies frames that are gone, and notes as
// backfilled frames that are yet to be written. Nobody copies those any more, and when the log starts over again they
// are lost. (SQLite 3.51.3 mends it: a checkpoint that has lock 0 looks whether the generation is still the same.)
//
// Our rule for a checkpoint beside writers: a state is held open from before it until after it. Either the state is
// in the log. Then the log cannot start over, and what the checkpoint has read stays true. Or it needs nothing of the
// log. Then lock 0 is not to be had, and the checkpoint copies nothing and notes nothing. Our rule for a checkpoint
// by a writer: it has the writer's lock, and without that nobody of ours starts the log over.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/catch.hpp"

namespace {

using Number = std::uint8_t;

// How far the model goes. For the fault one frame is enough, and three generations: what was not copied in the second
// is lost when the third begins. SQLite has five read locks; four marks were tried, and show nothing that two do not.
constexpr Number most_frames = 2;
constexpr Number last_generation = 2;
constexpr Number read_locks = 3;
constexpr std::size_t most_actors = 3;

constexpr Number none = 0xff;

// A connection that somebody uses; or, for a checkpointer that holds a state, two.
enum class Kind : Number {
    reader,
    writer,
    checkpointing_writer,  // under the writer's lock it may also checkpoint, and empty the log as when it closes
    checkpointer,          // knows no rule
    holding_checkpointer
};

// What an actor does next: one access to what is shared, or several that nobody can tell from one. So whoever takes a
// read lock looks at once whether the log is still the one it has seen; wal.c looks later, and gives the lock back.
enum class Step : Number {
    rest,
    read_length,
    take_lock_0,
    choose_mark,
    take_mark,
    read,
    take_write_lock,
    take_all_marks,
    begin_generation,
    forget_backfilled,
    forget_marks,
    append,
    take_checkpoint_lock,
    read_length_to_copy,
    compare_backfilled,
    pass_mark,
    take_lock_0_alone,
    copy,
    note_backfilled,
    let_go
};

std::string_view name_of(Step step)
{
    switch (step) {
    case Step::rest: return "begins";
    case Step::read_length: return "reads how long the log is";
    case Step::take_lock_0: return "takes lock 0, unless it needs the log";
    case Step::choose_mark: return "chooses a mark";
    case Step::take_mark: return "takes the lock of its mark";
    case Step::read: return "has read";
    case Step::take_write_lock: return "takes the write lock";
    case Step::take_all_marks: return "takes the locks of all marks, to start the log over";
    case Step::begin_generation: return "says that a new generation begins";
    case Step::forget_backfilled: return "says that nothing of it is backfilled";
    case Step::forget_marks: return "says that nobody reads it";
    case Step::append: return "appends a frame, and ends its transaction";
    case Step::take_checkpoint_lock: return "takes the checkpoint lock";
    case Step::read_length_to_copy: return "reads how long the log is, to copy it";
    case Step::compare_backfilled: return "compares that with what is backfilled";
    case Step::pass_mark: return "looks at a mark";
    case Step::take_lock_0_alone: return "takes lock 0 alone";
    case Step::copy: return "copies a frame";
    case Step::note_backfilled: return "notes what it copied as backfilled";
    case Step::let_go: return "lets go of its state";
    }
    return "?";
}

std::string_view name_of(Kind kind)
{
    switch (kind) {
    case Kind::reader: return "reader";
    case Kind::writer: return "writer";
    case Kind::checkpointing_writer: return "checkpointing writer";
    case Kind::checkpointer: return "checkpointer";
    case Kind::holding_checkpointer: return "holding checkpointer";
    }
    return "?";
}

bool writes(Kind kind)
{
    return kind == Kind::writer || kind == Kind::checkpointing_writer;
}

// What the header of SQLite's index says. The generation stands for the salt.
struct Length {
    Number generation = 0;
    Number frames = 0;

    bool operator==(Length const&) const = default;
};

// What an actor does not need any more it forgets, so that there are fewer states.
struct Actor {
    Step step = Step::rest;
    Length seen{};       // its own copy
    Number lock = none;  // the read lock that it shares
    Number mark = none;  // the one it chose
    Number mark_value = 0;
    Number safe = 0;  // how far it may copy
    Number next = 0;  // the mark or the frame that it is at
    bool has_write_lock = false;
    bool has_checkpoint_lock = false;
    bool empties = false;  // its checkpoint is to leave an empty log

    bool operator==(Actor const&) const = default;
};

struct State {
    Length log{};
    Number backfilled = 0;
    Number in_file = 0;  // a bit for each frame of this generation
    std::array<Number, read_locks> marks{0, none, none};
    std::array<Actor, most_actors> actors{};

    bool operator==(State const&) const = default;

    bool has_in_file(Number frame) const { return (~in_file & ((1U << frame) - 1)) == 0; }

    bool shared(Number lock) const
    {
        return std::ranges::any_of(actors, [&](Actor const& actor) { return actor.lock == lock; });
    }
    bool any_mark_shared() const
    {
        return std::ranges::any_of(actors, [](Actor const& actor) { return actor.lock != none && actor.lock > 0; });
    }
    bool lock_0_taken_alone() const
    {
        return std::ranges::any_of(actors, [](Actor const& actor) {
            return actor.step == Step::copy || actor.step == Step::note_backfilled;
        });
    }
    bool marks_taken_alone() const
    {
        return std::ranges::any_of(actors, [](Actor const& actor) {
            return actor.step == Step::begin_generation || actor.step == Step::forget_backfilled ||
                   actor.step == Step::forget_marks;
        });
    }
    bool write_lock_taken() const { return std::ranges::any_of(actors, &Actor::has_write_lock); }
    bool checkpoint_lock_taken() const { return std::ranges::any_of(actors, &Actor::has_checkpoint_lock); }
};

static_assert(std::has_unique_object_representations_v<State>, "states are told apart by their bytes");

enum class Event : std::size_t {
    backfilled_without_copy,  // a frame of the log counts as backfilled and is not in the file
    lost,                     // the log starts over, and a frame of it is not in the file
    copied_what_is_gone,      // a checkpoint copies a frame that the log does not have
    started_over,
    emptied,
    all_backfilled,
    checkpoint_beside_state_in_log,  // and it copied something
    checkpoint_kept_off_by_state     // which needs nothing of the log
};

constexpr std::size_t events = 8;

// All that a few actors can come to, from an empty log on. One writer stands for any number of them, in any number of
// processes: the writer's lock lets them do what they do one at a time, and they remember nothing of the last time.
class Search {
public:
    explicit Search(std::vector<Kind> kinds) : kinds_(std::move(kinds))
    {
        first_.fill(nowhere);
        reach({});
        for (from_ = 0; from_ < reached_.size(); ++from_)
            for (by_ = 0; by_ < kinds_.size(); ++by_)
                advance(reached_[from_].state);
    }
    Search(Search const&) = delete;
    Search& operator=(Search const&) = delete;

    std::size_t states() const { return reached_.size(); }
    bool finds(Event event) const { return first(event) != nowhere; }

    // The shortest way to it.
    std::string way_to(Event event) const
    {
        std::string way;
        for (auto at = first(event); at != nowhere && at != 0; at = reached_[at].from) {
            auto const by = reached_[at].by;
            auto const step = reached_[reached_[at].from].state.actors[by].step;
            way = std::string(name_of(kinds_[by])) + ' ' + std::to_string(by) + ' ' + std::string(name_of(step)) +
                  '\n' + way;
        }
        return way;
    }

private:
    using Place = std::uint32_t;
    static constexpr Place nowhere = 0xffffffff;

    struct Reached {
        State state;
        Place from;
        Number by;
    };

    // Where a state is among those reached, if need be as the last of them.
    Place place_of(State const& state)
    {
        if (2 * reached_.size() >= table_.size())
            grow();
        auto& place = slot_of(state);
        if (place == nowhere) {
            place = static_cast<Place>(reached_.size());
            reached_.push_back({state, from_, static_cast<Number>(by_)});
        }
        return place;
    }

    Place& slot_of(State const& state)
    {
        auto const* bytes = reinterpret_cast<char const*>(&state);
        auto slot = std::hash<std::string_view>()({bytes, sizeof state}) % table_.size();
        while (table_[slot] != nowhere && reached_[table_[slot]].state != state)
            slot = (slot + 1) % table_.size();
        return table_[slot];
    }

    void grow()
    {
        table_.assign(4 * table_.size(), nowhere);
        for (Place place = 0; place < reached_.size(); ++place)
            slot_of(reached_[place].state) = place;
    }

    Place first(Event event) const { return first_.at(static_cast<std::size_t>(event)); }

    void reach(State const& state)
    {
        auto const place = place_of(state);
        for (auto const event : happened_)
            if (auto& first = first_.at(static_cast<std::size_t>(event)); first == nowhere)
                first = place;
        happened_.clear();
    }

    void happens(Event event) { happened_.push_back(event); }

    // What the actor whose turn it is does next; all of it, where it may choose.
    void advance(State state)
    {
        auto& actor = state.actors[by_];
        if (actor.step != Step::rest) {
            advance(state, actor);
            if (!state.has_in_file(std::min(state.backfilled, state.log.frames)))
                happens(Event::backfilled_without_copy);
            reach(state);
            return;
        }
        auto const begin = [&](Step step, bool empties = false) {
            actor.step = step;
            actor.empties = empties;
            advance(state);
        };
        auto const kind = kinds_[by_];
        if (writes(kind) && writers_lock_taken(state))
            return;
        begin(kind == Kind::checkpointer ? Step::take_checkpoint_lock : Step::read_length);
        if (kind == Kind::checkpointing_writer) {
            begin(Step::take_checkpoint_lock);
            begin(Step::take_checkpoint_lock, true);
        }
    }

    bool writers_lock_taken(State const& state) const
    {
        for (std::size_t other = 0; other < kinds_.size(); ++other)
            if (writes(kinds_[other]) && state.actors[other].step != Step::rest)
                return true;
        return false;
    }

    void advance(State& state, Actor& actor)
    {
        switch (actor.step) {
        case Step::rest: break;

        // walTryBeginRead
        case Step::read_length:
            actor.seen = state.log;
            actor.step = Step::take_lock_0;
            break;
        case Step::take_lock_0:
            if (state.backfilled != actor.seen.frames || state.lock_0_taken_alone()) {
                actor.step = Step::choose_mark;
            } else if (state.log == actor.seen) {
                actor.lock = 0;
                state_is_open(actor);
            } else {
                open_again(actor);
            }
            break;
        case Step::choose_mark:
            choose_mark(state, actor);
            if (actor.mark == none)
                open_again(actor);
            else
                actor.step = Step::take_mark;
            break;
        case Step::take_mark:
            if (!state.marks_taken_alone() && state.marks.at(actor.mark) == actor.mark_value &&
                state.log == actor.seen) {
                actor.lock = actor.mark;
                state_is_open(actor);
            } else {
                open_again(actor);
            }
            break;
        case Step::read: actor = {}; break;

        // sqlite3WalBeginWriteTransaction, and then sqlite3WalFrames with walRestartLog
        case Step::take_write_lock:
            if (state.write_lock_taken() || state.log != actor.seen) {
                open_again(actor);
                break;
            }
            actor.has_write_lock = true;
            if (actor.lock != 0)
                state_is_open(actor);
            else if (state.backfilled > 0)
                actor.step = Step::take_all_marks;
            else
                open_again(actor);
            break;
        case Step::take_all_marks:
            if (!state.any_mark_shared() && state.log.generation < last_generation)
                actor.step = Step::begin_generation;
            else if (actor.empties)
                end_checkpoint(actor);
            else
                open_again(actor);
            break;
        case Step::begin_generation:
            if (!state.has_in_file(state.log.frames))
                happens(Event::lost);
            happens(actor.empties ? Event::emptied : Event::started_over);
            state.log = {.generation = static_cast<Number>(state.log.generation + 1)};
            state.in_file = 0;
            actor.seen = state.log;
            actor.step = Step::forget_backfilled;
            break;
        case Step::forget_backfilled:
            state.backfilled = 0;
            actor.step = Step::forget_marks;
            break;
        case Step::forget_marks:
            state.marks = {0, 0, none};
            if (actor.empties)
                end_checkpoint(actor);
            else
                open_again(actor);
            break;
        case Step::append:
            if (state.log.frames < most_frames)
                ++state.log.frames;
            actor = {};
            break;

        // sqlite3WalCheckpoint, and then walCheckpoint
        case Step::take_checkpoint_lock:
            if (state.checkpoint_lock_taken()) {
                end_checkpoint(actor);
                break;
            }
            actor.has_checkpoint_lock = true;
            actor.empties = actor.empties && !state.write_lock_taken();
            actor.has_write_lock = actor.empties;
            actor.step = Step::read_length_to_copy;
            break;
        case Step::read_length_to_copy:
            actor.seen = state.log;
            actor.step = Step::compare_backfilled;
            break;
        case Step::compare_backfilled:
            actor.safe = actor.seen.frames;
            actor.next = 1;
            actor.step = Step::pass_mark;
            if (state.backfilled >= actor.seen.frames)
                has_copied(state, actor);
            break;
        case Step::pass_mark:
            pass_mark(state, actor);
            if (++actor.next == read_locks) {
                actor.step = Step::take_lock_0_alone;
                actor.next = 0;
                if (!actor.empties)
                    actor.seen = {};
            }
            break;
        case Step::take_lock_0_alone:
            if (state.backfilled >= actor.safe || state.shared(0)) {
                if (actor.lock == 0)
                    happens(Event::checkpoint_kept_off_by_state);
                has_copied(state, actor);
                break;
            }
            actor.next = static_cast<Number>(state.backfilled + 1);
            actor.step = Step::copy;
            break;
        case Step::copy:
            if (actor.next <= state.log.frames)
                state.in_file |= static_cast<Number>(1U << (actor.next - 1));
            else
                happens(Event::copied_what_is_gone);
            if (actor.next++ == actor.safe)
                actor.step = Step::note_backfilled;
            break;
        case Step::note_backfilled:
            state.backfilled = actor.safe;
            if (state.backfilled == state.log.frames)
                happens(Event::all_backfilled);
            if (actor.lock != none)
                happens(Event::checkpoint_beside_state_in_log);
            has_copied(state, actor);
            break;
        case Step::let_go: actor = {}; break;
        }
    }

    static void choose_mark(State& state, Actor& actor)
    {
        auto const frames = actor.seen.frames;
        actor.mark = none;
        actor.mark_value = 0;
        for (Number mark = 1; mark < read_locks; ++mark)
            if (auto const value = state.marks.at(mark); value <= frames && value >= actor.mark_value) {
                actor.mark = mark;
                actor.mark_value = value;
            }
        if ((actor.mark != none && actor.mark_value == frames) || state.marks_taken_alone())
            return;
        for (Number mark = 1; mark < read_locks; ++mark)
            if (!state.shared(mark)) {
                state.marks.at(mark) = frames;
                actor.mark = mark;
                actor.mark_value = frames;
                return;
            }
    }

    static void pass_mark(State& state, Actor& actor)
    {
        auto& value = state.marks.at(actor.next);
        if (actor.safe <= value)
            return;
        if (state.shared(actor.next) || state.marks_taken_alone())
            actor.safe = value;
        else
            value = actor.next == 1 ? actor.safe : none;
    }

    void state_is_open(Actor& actor) const
    {
        actor.mark = none;
        actor.mark_value = 0;
        if (writes(kinds_[by_]) && !actor.has_write_lock) {
            actor.step = Step::take_write_lock;
            return;
        }
        actor.seen = {};
        if (actor.has_write_lock)
            actor.step = Step::append;
        else
            actor.step = kinds_[by_] == Kind::reader ? Step::read : Step::take_checkpoint_lock;
    }

    // Whoever has the write lock keeps to the log it has seen, and needs a mark in it.
    static void open_again(Actor& actor)
    {
        actor.lock = none;
        actor.mark = none;
        actor.mark_value = 0;
        if (!actor.has_write_lock)
            actor.seen = {};
        actor.step = actor.has_write_lock ? Step::choose_mark : Step::read_length;
    }

    void has_copied(State const& state, Actor& actor) const
    {
        if (actor.empties && state.backfilled >= actor.seen.frames)
            actor.step = Step::take_all_marks;
        else
            end_checkpoint(actor);
    }

    void end_checkpoint(Actor& actor) const
    {
        auto const lock = actor.lock;
        auto const closes = actor.empties;
        actor = {.lock = lock};
        if (lock != none)
            actor.step = Step::let_go;
        else if (kinds_[by_] == Kind::checkpointing_writer && !closes)
            actor.step = Step::read_length;
    }

    std::vector<Kind> kinds_;
    std::vector<Reached> reached_;
    std::vector<Place> table_ = std::vector<Place>(1 << 12, nowhere);
    std::array<Place, events> first_{};
    std::vector<Event> happened_;
    Place from_ = nowhere;
    std::size_t by_ = 0;
};

void check_safe(Search const& search)
{
    INFO(search.states() << " states");
    CHECK(search.way_to(Event::backfilled_without_copy) == "");
    CHECK(search.way_to(Event::lost) == "");
    CHECK(search.way_to(Event::copied_what_is_gone) == "");
}

// That the actors were not kept from all work.
void check_alive(Search const& search)
{
    CHECK(search.finds(Event::started_over));
    CHECK(search.finds(Event::all_backfilled));
}

using enum Kind;

// With --success it shows how.
TEST_CASE("without our rules the fault is reached")
{
    Search const search({writer, checkpointer});
    for (auto const event : {Event::copied_what_is_gone, Event::backfilled_without_copy, Event::lost}) {
        INFO(search.way_to(event));
        CHECK(search.finds(event));
    }
}

TEST_CASE("a state held open around a checkpoint excludes the fault")
{
    Search const search({writer, holding_checkpointer, reader});
    check_safe(search);
    check_alive(search);
}

TEST_CASE("a state held open lets a checkpoint do its work if it is in the log, and else keeps it off")
{
    Search const search({writer, holding_checkpointer});
    check_safe(search);
    check_alive(search);
    CHECK(search.finds(Event::checkpoint_beside_state_in_log));
    CHECK(search.finds(Event::checkpoint_kept_off_by_state));
}

TEST_CASE("a checkpoint under the writer's lock excludes the fault")
{
    Search const search({checkpointing_writer, reader});
    check_safe(search);
    check_alive(search);
    CHECK(search.finds(Event::emptied));
}

TEST_CASE("both kinds of checkpoints together in two processes exclude the fault")
{
    Search const search({checkpointing_writer, holding_checkpointer, holding_checkpointer});
    check_safe(search);
    check_alive(search);
    CHECK(search.finds(Event::emptied));
    CHECK(search.finds(Event::checkpoint_beside_state_in_log));
    CHECK(search.finds(Event::checkpoint_kept_off_by_state));
}

TEST_CASE("one checkpoint that knows no rule is enough for the fault")
{
    Search const search({checkpointing_writer, holding_checkpointer, checkpointer});
    CHECK(search.finds(Event::backfilled_without_copy));
    CHECK(search.finds(Event::lost));
}

}
