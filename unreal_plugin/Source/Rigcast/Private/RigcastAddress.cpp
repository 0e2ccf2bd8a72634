#include "RigcastAddress.h"

#include "Engine/SkeletalMesh.h"
#include "Misc/Parse.h"

FString FRigcastAddress::ToConnectionString() const
{
	return FString::Printf(TEXT("Url=\"%s\" Session=\"%s\" Token=\"%s\" Subject=\"%s\" BodyMesh=\"%s\""),
		*Url, *Session, *Token, *Subject, *BodyMesh.ToString());
}

FRigcastAddress FRigcastAddress::FromConnectionString(const FString& Text)
{
	FRigcastAddress Address;
	FString BodyMesh;
	FParse::Value(*Text, TEXT("Url="), Address.Url);
	FParse::Value(*Text, TEXT("Session="), Address.Session);
	FParse::Value(*Text, TEXT("Token="), Address.Token);
	FParse::Value(*Text, TEXT("Subject="), Address.Subject);
	if (FParse::Value(*Text, TEXT("BodyMesh="), BodyMesh) && !BodyMesh.IsEmpty())
	{
		Address.BodyMesh = TSoftObjectPtr<USkeletalMesh>(FSoftObjectPath(BodyMesh));
	}
	return Address;
}
