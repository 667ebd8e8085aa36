#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace cicada::detail {

/// A queue in one piece: a vector that gives away its front without moving all the rest.
///
/// Cost: O(1) to add and to take the first one, amortized; O(n) to take one out of the middle. No
///       allocation while it is empty, nor in the steady state.
template <class T>
class fifo {
public:
    using value_type = T;
    using const_iterator = typename std::vector<T>::const_iterator;

    const_iterator begin() const noexcept { return all_.begin() + taken_; }
    const_iterator end() const noexcept { return all_.end(); }
    bool empty() const noexcept { return begin() == end(); }
    std::size_t size() const noexcept { return static_cast<std::size_t>(end() - begin()); }

    void push_back(T one) { all_.push_back(std::move(one)); }
    T take(const_iterator which) {
        T one = *which;
        if (which != begin()) {
            all_.erase(which);
        } else if (++taken_; taken_ > end() - begin()) { // half of it: moves each once, on average
            all_.erase(all_.begin(), begin());
            taken_ = 0;
        }
        return one;
    }
    void clear() noexcept {
        all_.clear();
        taken_ = 0;
    }

    friend bool operator==(const fifo& a, const fifo& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    std::vector<T> all_;
    typename std::vector<T>::difference_type taken_ = 0; // at its front
};

} // namespace cicada::detail
