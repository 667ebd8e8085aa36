#pragma once

#include <utility>

namespace cicada::detail {

struct deletes {
    template <class T>
    void operator()(T* object) const noexcept {
        delete object;
    }
};

/// std::unique_ptr without <memory>, which would cost each user's build a tenth of a second and 16
/// MiB. For members whose type is complete only in the source file that has the destructor.
/// LetGo(object) is called in place of `delete`.
template <class T, auto LetGo = deletes{}>
class owned {
public:
    owned() = default;
    explicit owned(T* object) noexcept : object_(object) {}
    owned(owned&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    owned& operator=(owned&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~owned() { reset(); }

    T* release() noexcept { return std::exchange(object_, nullptr); }
    void reset(T* object = nullptr) noexcept {
        // Unspecified: whether `delete` gives a null to the operator of a class, like the pool's.
        if (T* const before = std::exchange(object_, object)) LetGo(before);
    }
    T* get() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }

private:
    T* object_ = nullptr;
};

} // namespace cicada::detail
