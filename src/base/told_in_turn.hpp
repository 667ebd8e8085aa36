#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace cicada::detail {

/// For somebody who is told of things, and may bring about others by what he does then: these he is
/// told of when he has returned, and after the rest.
template <class T>
class told_in_turn {
public:
    /// Calls `to(one)` for each of `all`, and then for what has come up meanwhile; within such a
    /// call it leaves them to that one. `to` does not throw. Throws std::bad_alloc when they cannot
    /// be kept until then, and has kept none.
    template <class All, class F>
    void tell(const All& all, F to) {
        if (is_telling_) {
            later_.insert(later_.end(), all.begin(), all.end());
            return;
        }
        is_telling_ = true;
        for (const auto& one : all) to(one);
        for (std::size_t i = 0; i < later_.size(); ++i) {
            const T one = std::move(later_[i]); // not there any more when others come
            to(one);
        }
        later_.clear();
        is_telling_ = false;
    }

private:
    std::vector<T> later_;
    bool is_telling_ = false;
};

} // namespace cicada::detail
