#pragma once

#include <functional>
#include <string>
#include <vector>

namespace onboard::interleavings {

// What a model says of one operation, or of one step of an operation that others may interrupt: changes the model, and
// tells the answer once it is known.
template <class Model>
using Step = std::function<void(Model&, std::string& answer)>;

// An operation as it happened, and what it does in the model.
template <class Model>
struct Happened {
    std::string name;
    int begun = 0;
    int ended = 0;
    std::string answer;
    std::vector<Step<Model>> const* steps = nullptr;
};

// Whether there is an order of the operations' steps in which the model gives just these answers; an operation that ended
// before another began comes before it (linearizability, for operations of one step).
template <class Model>
class Explanation {
public:
    explicit Explanation(std::vector<Happened<Model>> const& history)
        : history_(history), taken_(history.size(), 0), answers_(history.size())
    {
    }

    bool exists(Model const& model)
    {
        bool all_done = true;
        for (std::size_t operation = 0; operation < history_.size(); ++operation) {
            if (is_done(operation))
                continue;
            all_done = false;
            if (may_go_on(operation) && goes_on(operation, model))
                return true;
        }
        return all_done;
    }

private:
    bool is_done(std::size_t operation) const { return taken_[operation] == history_[operation].steps->size(); }

    bool may_go_on(std::size_t operation) const
    {
        for (std::size_t other = 0; other < history_.size(); ++other)
            if (!is_done(other) && history_[other].ended < history_[operation].begun)
                return false;
        return true;
    }

    bool goes_on(std::size_t operation, Model model)
    {
        auto const before = answers_[operation];
        auto& answer = answers_[operation];
        (*history_[operation].steps)[taken_[operation]++](model, answer);
        auto const as_told = !is_done(operation) || answer == history_[operation].answer;
        if (as_told && exists(model))
            return true;
        --taken_[operation];
        answer = before;
        return false;
    }

    std::vector<Happened<Model>> const& history_;
    std::vector<std::size_t> taken_;
    std::vector<std::string> answers_;
};

}
