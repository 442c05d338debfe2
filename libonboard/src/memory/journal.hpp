#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace onboard::memory {

// What to do to take changes back, in order.
class Journal {
public:
    void note(std::function<void()> take_back) { steps_.push_back(std::move(take_back)); }

    void roll_back()
    {
        for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
            (*step)();
        steps_.clear();
    }

    // Leaves the changes to whoever keeps the other journal.
    void hand_over(Journal& other)
    {
        for (auto& step : steps_)
            other.steps_.push_back(std::move(step));
        steps_.clear();
    }

    void forget() { steps_.clear(); }

private:
    std::vector<std::function<void()>> steps_;
};

// Rows by key, in order, which can be taken back.
template <class Key, class Row>
class Table {
public:
    Row const* find(Key const& key) const
    {
        auto const found = rows_.find(key);
        return found == rows_.end() ? nullptr : &found->second;
    }

    void put(Journal& journal, Key const& key, Row row)
    {
        note(journal, key);
        rows_.insert_or_assign(key, std::move(row));
    }

    void erase(Journal& journal, Key const& key)
    {
        note(journal, key);
        rows_.erase(key);
    }

    // Erases at most `limit` rows that fit; returns how many.
    template <class Fits>
    int erase_if(Journal& journal, int limit, Fits fits)
    {
        std::vector<Key> keys;
        for (auto const& [key, row] : rows_) {
            if (static_cast<int>(keys.size()) == limit)
                break;
            if (fits(row))
                keys.push_back(key);
        }
        for (auto const& key : keys)
            erase(journal, key);
        return static_cast<int>(keys.size());
    }

    auto begin() const { return rows_.begin(); }
    auto end() const { return rows_.end(); }
    std::size_t size() const { return rows_.size(); }

private:
    void note(Journal& journal, Key const& key)
    {
        std::optional<Row> before;
        if (auto const* row = find(key))
            before = *row;
        journal.note([this, key, before = std::move(before)] {
            if (before)
                rows_.insert_or_assign(key, *before);
            else
                rows_.erase(key);
        });
    }

    std::map<Key, Row> rows_;
};

}
