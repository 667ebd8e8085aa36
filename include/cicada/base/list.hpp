#pragma once

/// Intrusive lists: the links live in the elements, so that linking allocates nothing and cannot
/// fail.

namespace cicada::detail {

/// The links of an element in a `list`; an element belongs to at most one list at a time.
template <class T>
class list_links {
public:
    bool is_listed() const noexcept { return previous_ != nullptr; }

private:
    template <class>
    friend class list;
    T* previous_ = nullptr;
    T* next_ = nullptr;
};

/// A doubly linked list of elements derived from `list_links<T>`. Owns nothing. All operations are
/// O(1). One pointer: the first element's `previous` is the last.
template <class T>
class list {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    T* front() const noexcept { return first_; }
    static T* after(const T& element) noexcept { return links(element).next_; }

    void push_back(T& element) noexcept {
        auto& own = links(element);
        own.next_ = nullptr;
        if (first_) {
            own.previous_ = links(*first_).previous_;
            links(*own.previous_).next_ = &element;
        } else {
            first_ = &element;
        }
        links(*first_).previous_ = &element;
    }

    void erase(T& element) noexcept {
        auto& own = links(element);
        if (&element == first_) {
            first_ = own.next_;
        } else {
            links(*own.previous_).next_ = own.next_;
        }
        if (own.next_) {
            links(*own.next_).previous_ = own.previous_;
        } else if (first_) {
            links(*first_).previous_ = own.previous_;
        }
        own.previous_ = own.next_ = nullptr;
    }

    T* pop_front() noexcept {
        T* element = first_;
        if (element) erase(*element);
        return element;
    }

private:
    static list_links<T>& links(T& element) noexcept { return element; }
    static const list_links<T>& links(const T& element) noexcept { return element; }

    T* first_ = nullptr;
};

} // namespace cicada::detail
