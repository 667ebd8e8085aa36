#pragma once

/// A store around one in which what is undone uses up numbers: PostgreSQL gives them by sequences.
/// Here its nodes, jobs, runs and fences have those that a store would give them which uses up
/// none, so that the two can be compared.
///
///     pg_store inner(...);
///     translated_store one(inner);
///
/// A number is given as it comes about, and forgotten when the part, or the transaction, is undone.
/// What no store looks at goes through as it is: what a stretch is because_of, a prune_place.
///
/// All that is in the inner one was written through this.

#include <map>
#include <string>
#include <vector>

#include <store/store.hpp>

namespace conformance_of_stores {

using namespace cicada;
using namespace cicada::detail;

/// Of one kind. 0 is none, in both.
class translated_numbers {
public:
    /// As it comes about.
    void add(std::int64_t inner);
    /// Of what there is not: what is not there, either.
    std::int64_t inward(std::int64_t outer) const;
    std::int64_t outward(std::int64_t inner) const;
    /// Of what comes about next.
    std::int64_t next() const noexcept { return static_cast<std::int64_t>(inner_.size()) + 1; }

private:
    std::vector<std::int64_t> inner_; // place: outer - 1
    std::map<std::int64_t, std::int64_t> outer_;
};

class translated_store final : public store {
public:
    explicit translated_store(store& inner) : inner_(inner) {}

    void write(std::span<part* const> parts) override;
    void read(const cicada::detail::function<void(reading&)>& ask) override;
    std::string place() const override { return inner_.place(); }

private:
    struct numbers {
        translated_numbers nodes;
        translated_numbers jobs;
        translated_numbers runs;
        translated_numbers fences;
    };
    template <class In>
    class translated;
    class questions;
    class transaction;
    class translated_part;

    store& inner_;
    numbers numbers_;
};

} // namespace conformance_of_stores
