#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "interleavings/checker.hpp"
#include "interleavings/conductor.hpp"
#include "interleavings/stage.hpp"

namespace onboard::interleavings {

// One order of a scenario: what clients do, what they were told, and what a model says to that.
class Play {
public:
    explicit Play(Stage& stage) : stage_(stage) {}
    virtual ~Play() = default;

    std::vector<std::vector<Task>> const& clients() const { return clients_; }

    // When all clients are done: looks at what they left behind.
    virtual void look_after() = 0;

    // Whether the model explains what was told.
    virtual bool is_explained() const = 0;

    // Each operation and its answer, in the order in which they ended.
    virtual std::string history() const = 0;

    // All answers.
    virtual std::string outcome() const = 0;

protected:
    Stage& stage_;
    std::vector<std::vector<Task>> clients_;
};

// What somebody does, and says they were told.
using Act = std::function<std::string()>;

// A play with a model of this type, which knows nothing of the library.
template <class Model>
class PlayOf : public Play {
public:
    using Play::Play;
    using Steps = std::vector<Step<Model>>;

    Model beginning{};  // as everything is at the beginning

    // The operations of the next client follow, each with what it does in the model.
    void client() { clients_.emplace_back(); }
    void writes(std::string name, Act act, Step<Model> step) { add(Task::Kind::writing, name, act, {step}); }
    void writes(std::string name, Act act, Steps steps) { add(Task::Kind::writing, name, act, steps); }
    void reads(std::string name, Act act, Step<Model> step) { add(Task::Kind::reading, name, act, {step}); }
    void time_passes(std::chrono::milliseconds time, std::function<void(Model&)> effect)
    {
        auto const pass = [this, time] { return stage_.clock.advance(time), std::string("passed"); };
        auto const step = [effect](Model& model, std::string& answer) { effect(model), answer = "passed"; };
        add(Task::Kind::time, "time", pass, {step});
    }

    // What is done when all clients are.
    void afterwards(std::string name, Act act, Step<Model> step)
    {
        operations_.push_back({.client = -1, .name = name, .act = act, .steps = {step}});
    }

    void look_after() override
    {
        for (auto& operation : operations_)
            if (operation.client < 0)
                carry_out(operation);
    }

    bool is_explained() const override
    {
        std::vector<Happened<Model>> history;
        for (auto const* operation : in_order())
            history.push_back(
                {.name = operation->name,
                 .begun = operation->begun,
                 .ended = operation->ended,
                 .answer = operation->answer,
                 .steps = &operation->steps});
        return Explanation<Model>(history).exists(beginning);
    }

    std::string history() const override
    {
        std::string text;
        for (auto const* operation : in_order())
            text += "  " + (operation->client < 0 ? "after" : "client " + std::to_string(operation->client)) + ", " +
                    std::to_string(operation->begun) + " to " + std::to_string(operation->ended) + ": " +
                    operation->name + ": " + operation->answer + '\n';
        return text;
    }

    std::string outcome() const override
    {
        std::string text;
        for (auto const& operation : operations_)
            text += operation.answer + ';';
        return text;
    }

private:
    struct Operation {
        int client = 0;
        std::string name;
        Act act;
        Steps steps;
        int begun = 0;
        int ended = 0;
        std::string answer = {};
    };

    void add(Task::Kind kind, std::string const& name, Act const& act, Steps const& steps)
    {
        auto const number = operations_.size();
        auto const client = static_cast<int>(clients_.size()) - 1;
        operations_.push_back({.client = client, .name = name, .act = act, .steps = steps});
        clients_.back().push_back({.kind = kind, .run = [this, number] { carry_out(operations_[number]); }});
    }

    void carry_out(Operation& operation)
    {
        operation.begun = ++moment_;
        stage_.begin_task();
        try {
            operation.answer = operation.act();
        } catch (std::exception const& trouble) {
            operation.answer = std::string("thrown: ") + trouble.what();
        }
        stage_.end_task();
        operation.ended = ++moment_;
        if (stage_.is_traced())
            stage_.conductor.trace(operation.client, operation.name + ": " + operation.answer);
    }

    std::vector<Operation const*> in_order() const
    {
        std::vector<Operation const*> ordered;
        for (auto const& operation : operations_)
            ordered.push_back(&operation);
        std::ranges::sort(ordered, {}, &Operation::ended);
        return ordered;
    }

    std::vector<Operation> operations_;
    int moment_ = 0;
};

// What is played.
struct Scenario {
    std::string name;
    Policy policy;
    std::function<std::unique_ptr<Play>(Stage&)> begin;
    Grain grain = Grain::units_of_work;
};

// "done", or why not.
std::string told(Error const&);
template <class Value>
std::string told(Result<Value> const& result)
{
    return result ? "done" : told(result.error());
}

}
