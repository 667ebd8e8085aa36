#include <loop/blocking_pool.hpp>

#include <loop/loop_engine.hpp>

namespace cicada::detail {

namespace {
loop& loop_of(const activity& a) noexcept { return *static_cast<loop*>(a.home()); }
} // namespace

class blocking_call::completion final : public work {
public:
    explicit completion(blocking_call& call) noexcept : call_(call) {}
    void run() override {
        call_.state_ = state::idle;
        call_.wake();
    }

private:
    blocking_call& call_;
};

blocking_pool::~blocking_pool() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    for (auto& t : threads_) t.join();
}

void blocking_pool::admit() {
    const std::lock_guard lock(mutex_);
    if (waiting_count_ < idle_ || threads_.size() >= most_threads_) return;
    try {
        threads_.emplace_back([this] { serve(); });
    } catch (...) {
        if (threads_.empty()) throw; // else those that run will come to it
    }
}

void blocking_pool::submit(blocking_call& call) noexcept {
    {
        const std::lock_guard lock(mutex_);
        call.state_ = blocking_call::state::waiting;
        waiting_.push_back(call);
        ++waiting_count_;
    }
    changed_.notify_one();
}

bool blocking_pool::withdraw(blocking_call& call) noexcept {
    const std::lock_guard lock(mutex_);
    if (call.state_ != blocking_call::state::waiting) return false;
    waiting_.erase(call);
    --waiting_count_;
    return true;
}

void blocking_pool::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
        --idle_;
        blocking_call* call = waiting_.pop_front();
        if (!call) return;
        --waiting_count_;
        call->state_ = blocking_call::state::started;
        lock.unlock();
        call->run_here();
        lock.lock();
    }
}

blocking_call::~blocking_call() {
    if (state_ == state::waiting) loop_of(owner()).engine().blocking().withdraw(*this);
}

bool blocking_call::start(activity& owner, std::coroutine_handle<> frame) {
    if (owner.requests().pending) return suspend(owner, frame);
    if (loop::current().turned_by().is_simulated()) {
        function_(context_);
        return false;
    }
    blocking_pool& pool = loop_of(owner).engine().blocking();
    pool.admit(); // what can fail comes first
    completion_ = new completion(*this);
    suspend(owner, frame);
    pool.submit(*this);
    return true;
}

void blocking_call::run_here() noexcept {
    function_(context_);
    owner().home()->post_work(completion_);
}

withdrawal blocking_call::withdraw() noexcept {
    if (!loop_of(owner()).engine().blocking().withdraw(*this)) return withdrawal::deferred;
    state_ = state::idle;
    delete completion_;
    return withdrawal::done;
}

} // namespace cicada::detail
