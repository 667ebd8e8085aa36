#pragma once

/// undo_log: changes to maps, sets and values, and how each is undone.
///
///     const std::size_t before = log.size();
///     log.insert(runs, {id, row});
///     log.assign(job.revision, job.revision + 1);
///     log.back_to(before); // as if nothing had been
///
/// To undo allocates nothing and throws nothing: what was erased or overwritten is kept for it. A
/// change that throws has changed nothing.
///
/// Threads:  one.
/// Lifetime: the maps outlive the log, and so do values outside of them.

#include <memory>
#include <utility>
#include <vector>

namespace cicada::detail {

class undo_log {
public:
    std::size_t size() const noexcept { return changes_.size(); }
    bool empty() const noexcept { return changes_.empty(); }

    /// False: an element with this key is there already.
    template <class Map>
    bool insert(Map& map, typename Map::value_type element) {
        auto& noted = note(std::make_unique<inserted<Map>>(map));
        const auto [at, is_new] = map.insert(std::move(element));
        if (is_new) {
            noted.at = at;
        } else {
            changes_.pop_back();
        }
        return is_new;
    }

    template <class Map>
    void erase(Map& map, typename Map::const_iterator at) {
        auto& noted = note(std::make_unique<erased<Map>>(map)); // in a statement of its own: first
        noted.element = map.extract(at);
    }
    /// None with this key: nothing.
    template <class Map>
    void erase(Map& map, const typename Map::key_type& key) {
        if (const auto at = map.find(key); at != map.end()) erase(map, at);
    }

    template <class T>
    void assign(T& place, T value) {
        note(std::make_unique<assigned<T>>(place, std::move(value))).undo();
    }

    /// Undoes the newest, until so many are left.
    void back_to(std::size_t size) noexcept {
        while (changes_.size() > size) {
            changes_.back()->undo();
            changes_.pop_back();
        }
    }

private:
    class change {
    public:
        virtual ~change() = default;
        virtual void undo() noexcept = 0;
    };
    template <class Map>
    struct inserted final : change {
        explicit inserted(Map& of) : map(of), at(of.end()) {}
        void undo() noexcept override {
            if (at != map.end()) map.erase(at); // else the insertion threw
        }
        Map& map;
        typename Map::iterator at;
    };
    template <class Map>
    struct erased final : change {
        explicit erased(Map& of) : map(of) {}
        void undo() noexcept override { map.insert(std::move(element)); }
        Map& map;
        typename Map::node_type element;
    };
    template <class T>
    struct assigned final : change {
        assigned(T& where, T what) : place(where), other(std::move(what)) {}
        void undo() noexcept override { std::swap(place, other); } // and so it is done, too
        T& place;
        T other;
    };

    // The room first: what has been done must not fail to be written down.
    template <class Change>
    Change& note(std::unique_ptr<Change> one) {
        Change& noted = *one;
        changes_.push_back(std::move(one));
        return noted;
    }

    std::vector<std::unique_ptr<change>> changes_;
};

} // namespace cicada::detail
