#pragma once

// Delegates and Multi-cast Delegates.

/** FDelegateHandle */
struct FDelegateHandle
{
};

/** TDelegate */
template <typename R, typename... A> class TDelegate
{
public:
	template <typename F> static TDelegate CreateLambda(F&&)
	{
		R (*Checked)(F&, A...) = [](F& Called, A... Arguments) -> R { return Called(static_cast<A>(Arguments)...); };
		(void)Checked;
		return {};
	}
	static TDelegate CreateStatic(R (*Function)(A...));
	template <typename T> static TDelegate CreateSP(T* Object, R (T::*Method)(A...));
	template <typename F> void BindLambda(F&& Function) { *this = CreateLambda(static_cast<F&&>(Function)); }
	bool IsBound() const;
	R Execute(A... Arguments) const;
	bool ExecuteIfBound(A... Arguments) const;
	void Unbind();
};

/** TMulticastDelegate */
template <typename... A> class TMulticastDelegate
{
public:
	template <typename T> FDelegateHandle AddSP(T* Object, void (T::*Method)(A...));
	template <typename T> FDelegateHandle AddUObject(T* Object, void (T::*Method)(A...));
	bool Remove(FDelegateHandle Handle);
	void Broadcast(A... Arguments) const;
	void Clear();
};

#define DECLARE_DELEGATE_OneParam(Name, A) using Name = TDelegate<void, A>
#define DECLARE_DELEGATE_RetVal_OneParam(R, Name, A) using Name = TDelegate<R, A>
#define DECLARE_MULTICAST_DELEGATE_OneParam(Name, A) using Name = TMulticastDelegate<A>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, A, a) using Name = TMulticastDelegate<A>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(Name, A, a, B, b) using Name = TMulticastDelegate<A, B>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(Name, A, a, B, b, C, c) using Name = TMulticastDelegate<A, B, C>
