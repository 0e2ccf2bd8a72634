#pragma once

// Unreal Smart Pointer Library; thread-safe counting is the default since 5.0.

template <typename T> class TSharedRef;

/** TSharedPtr */
template <typename T> class TSharedPtr
{
public:
	TSharedPtr() = default;
	template <typename U, typename = decltype(static_cast<T*>(static_cast<U*>(nullptr)))> TSharedPtr(const TSharedRef<U>& Other);
	template <typename U, typename = decltype(static_cast<T*>(static_cast<U*>(nullptr)))> TSharedPtr(const TSharedPtr<U>& Other);
	T* operator->() const;
	T& operator*() const;
	explicit operator bool() const;
	bool IsValid() const;
	void Reset();
	TSharedRef<T> ToSharedRef() const;
};

/** TSharedRef */
template <typename T> class TSharedRef
{
public:
	template <typename U, typename = decltype(static_cast<T*>(static_cast<U*>(nullptr)))> TSharedRef(const TSharedRef<U>& Other);
	T* operator->() const;
	T& operator*() const;

private:
	TSharedRef();
};

/** TWeakPtr */
template <typename T> class TWeakPtr
{
public:
	TWeakPtr& operator=(const TSharedRef<T>& Other);
	TSharedPtr<T> Pin() const;
};

/** TSharedFromThis: what the weak bindings of delegates need. */
template <typename T> class TSharedFromThis
{
};

template <typename T> TSharedRef<T> MakeSharedReference();

/** MakeShared */
template <typename T, typename... A> TSharedRef<T> MakeShared(A&&... Arguments)
{
	(void)sizeof(T(static_cast<A&&>(Arguments)...));
	return MakeSharedReference<T>();
}
