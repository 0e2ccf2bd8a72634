#pragma once

// Core: TArray, TMap, FString, FName, FText, FGuid, FVector, FQuat, FTransform, smart pointers, delegates, UObject macros.

#include "Delegates.h"
#include "Pointers.h"

#include <cstddef>
#include <cstdint>
#include <utility>

using int16 = std::int16_t;
using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint32 = std::uint32_t;
using uint64 = std::uint64_t;
using TCHAR = wchar_t;
using SIZE_T = std::size_t;

#define TEXT(x) L##x
#define MoveTemp(x) std::move(x)
const char* TCHAR_TO_UTF8(const TCHAR* Text);
const TCHAR* UTF8_TO_TCHAR(const char* Text);

/** TArray */
template <typename T> class TArray
{
public:
	int32 Add(const T& Item);
	void Append(const T* Items, int32 Count);
	T* GetData();
	int32 Num() const;
	void Reserve(int32 Count);
	void Reset(int32 Slack = 0);
	const T* GetData() const;
	void SetNumUninitialized(int32 Count);
	T& operator[](int32 Index);
	const T& operator[](int32 Index) const;
};

/** TMap */
template <typename K, typename V> class TMap
{
public:
	V& Add(const K& Key, const V& Value);
	V& FindOrAdd(const K& Key);
};

/** FString */
class FString
{
public:
	FString() = default;
	FString(const TCHAR* Text);
	const TCHAR* operator*() const;
	bool IsEmpty() const;
	template <typename... T> static FString Printf(const TCHAR* Format, T... Values);
};

FString operator+(const FString& A, const FString& B);

/** FName */
class FName
{
public:
	FName() = default;
	FName(const TCHAR* Text);
	FString ToString() const;
};

/** FText */
class FText
{
public:
	static FText FromString(const FString& Text);
	FString ToString() const;
};

FText MakeLocalised(const char* Namespace, const char* Key, const char* Text);
#define LOCTEXT(Key, Text) MakeLocalised(LOCTEXT_NAMESPACE, Key, Text)

/** FGuid */
struct FGuid
{
};

/** FVector: doubles since 5.0 */
struct FVector
{
	FVector(double X, double Y, double Z);
	double X, Y, Z;
};

/** FQuat */
struct FQuat
{
	FQuat(double X, double Y, double Z, double W);
	double X, Y, Z, W;
};

/** FTransform */
struct FTransform
{
	FTransform(const FQuat& Rotation, const FVector& Translation);
	FQuat GetRotation() const;
	FVector GetTranslation() const;
};

/** TFunction */
template <typename Signature> class TFunction;
template <typename R, typename... A> class TFunction<R(A...)>
{
public:
	template <typename F> TFunction(F&&)
	{
		R (*Checked)(F&, A...) = [](F& Called, A... Arguments) -> R { return Called(static_cast<A>(Arguments)...); };
		(void)Checked;
	}
};

/** FMath */
struct FMath
{
	template <typename T> static T Clamp(T Value, T Low, T High);
	template <typename T> static T Max(T A, T B);
	static int32 RoundToInt32(float Value);
};

class UClass;
class UScriptStruct;

// What Unreal's header tool makes of a class; Super is not among it, so the plugin names its bases.
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define GENERATED_BODY() \
public: \
	static UClass* StaticClass(); \
	static UScriptStruct* StaticStruct();

#define RIGCAST_API

/** UObject */
class UObject
{
public:
	virtual ~UObject() = default;
	bool IsTemplate() const;
};

/** Cast: of a null pointer it gives null */
template <typename To, typename From> To* Cast(From* Object);

/** TWeakObjectPtr */
template <typename T> class TWeakObjectPtr
{
public:
	TWeakObjectPtr() = default;
	TWeakObjectPtr(T* Object);
	T* Get() const;
	T* operator->() const;
	bool IsValid() const;
};

template <typename T> T* NewObject(UObject* Outer);
template <typename T> const T* GetDefault();

/** FSoftObjectPath */
struct FSoftObjectPath
{
	explicit FSoftObjectPath(const FString& Path);
};

/** TSoftObjectPtr */
template <typename T> class TSoftObjectPtr
{
public:
	TSoftObjectPtr() = default;
	explicit TSoftObjectPtr(const FSoftObjectPath& Path);
	T* LoadSynchronous() const;
	FString ToString() const;
};
