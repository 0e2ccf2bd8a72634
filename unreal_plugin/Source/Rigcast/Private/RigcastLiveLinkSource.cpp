#include "RigcastLiveLinkSource.h"

#include "Engine/SkeletalMesh.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "RigcastConvert.h"
#include "Roles/LiveLinkAnimationRole.h"
#include "Roles/LiveLinkAnimationTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"

#define LOCTEXT_NAMESPACE "Rigcast"

namespace
{
	/** The rest pose of a mesh; empty without one. */
	std::vector<rigcast::Bone> RestOf(const USkeletalMesh* Mesh)
	{
		std::vector<rigcast::Bone> Rest;
		if (Mesh)
		{
			const FReferenceSkeleton& Skeleton = Mesh->GetRefSkeleton();
			for (int32 Index = 0; Index < Skeleton.GetNum(); ++Index)
			{
				Rest.push_back(ToCore(Skeleton.GetBoneName(Index), Skeleton.GetParentIndex(Index), Skeleton.GetRefBonePose()[Index]));
			}
		}
		return Rest;
	}
}

FRigcastLiveLinkSource::FRigcastLiveLinkSource(const FRigcastAddress& Address)
	: Connection(FRigcastConnection::Get(Address))
	, Wanted(Address)
{
}

void FRigcastLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	SourceGuid = InSourceGuid;
}

bool FRigcastLiveLinkSource::IsSourceStillValid() const
{
	return Client != nullptr && Connection.IsValid();
}

bool FRigcastLiveLinkSource::RequestSourceShutdown()
{
	Client = nullptr;
	Connection.Reset();
	return true;
}

void FRigcastLiveLinkSource::Update()
{
	if (!IsSourceStillValid())
	{
		return;
	}
	const uint32 Generation = Connection->Player()->generation();
	if (Generation != SeenGeneration)
	{
		SeenGeneration = Generation;
		PushStatic(Connection->Player()->rig());
	}
	if (const rigcast::Pose* Pose = Connection->Pose())
	{
		const double Seconds = FPlatformTime::Seconds();
		PushFace(*Pose, Seconds);
		PushBody(*Pose, Seconds);
	}
}

void FRigcastLiveLinkSource::PushStatic(const rigcast::Rig& Rig)
{
	if (Rig == PushedRig)
	{
		return; // a session taken up again: pushing would throw away the frames that Live Link holds
	}
	PushedRig = Rig;
	Face.build(Rig);
	if (!Body.build(Rig, RestOf(Wanted.BodyMesh.LoadSynchronous())))
	{
		Body.build(Rig, rigcast::humanoidSkeleton(Rig));
	}
	Bones = Body.bones();

	FLiveLinkStaticDataStruct FaceData(FLiveLinkBaseStaticData::StaticStruct());
	for (const std::string& Name : Face.names())
	{
		FaceData.Cast<FLiveLinkBaseStaticData>()->PropertyNames.Add(FName(*ToUnreal(Name)));
	}
	Client->PushSubjectStaticData_AnyThread({SourceGuid, FaceName()}, ULiveLinkBasicRole::StaticClass(), MoveTemp(FaceData));

	TArray<FName> Names;
	TArray<int32> Parents;
	for (const rigcast::Bone& Bone : Bones)
	{
		Names.Add(FName(*ToUnreal(Bone.name)));
		Parents.Add(Bone.parent);
	}
	FLiveLinkStaticDataStruct BodyData(FLiveLinkSkeletonStaticData::StaticStruct());
	BodyData.Cast<FLiveLinkSkeletonStaticData>()->SetBoneNames(Names);
	BodyData.Cast<FLiveLinkSkeletonStaticData>()->SetBoneParents(Parents);
	Client->PushSubjectStaticData_AnyThread({SourceGuid, BodyName()}, ULiveLinkAnimationRole::StaticClass(), MoveTemp(BodyData));
}

void FRigcastLiveLinkSource::PushFace(const rigcast::Pose& Pose, double Seconds)
{
	Face.values(Pose, FaceValues);
	FLiveLinkFrameDataStruct Frame(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Data = *Frame.Cast<FLiveLinkBaseFrameData>();
	Data.WorldTime = FLiveLinkWorldTime(Seconds);
	Data.PropertyValues.Append(FaceValues.data(), static_cast<int32>(FaceValues.size()));
	Client->PushSubjectFrameData_AnyThread({SourceGuid, FaceName()}, MoveTemp(Frame));
}

void FRigcastLiveLinkSource::PushBody(const rigcast::Pose& Pose, double Seconds)
{
	Body.apply(Pose, Bones);
	FLiveLinkFrameDataStruct Frame(FLiveLinkAnimationFrameData::StaticStruct());
	FLiveLinkAnimationFrameData& Data = *Frame.Cast<FLiveLinkAnimationFrameData>();
	Data.WorldTime = FLiveLinkWorldTime(Seconds);
	Data.Transforms.Reserve(static_cast<int32>(Bones.size()));
	for (const rigcast::Bone& Bone : Bones)
	{
		Data.Transforms.Add(ToUnreal(Bone));
	}
	Client->PushSubjectFrameData_AnyThread({SourceGuid, BodyName()}, MoveTemp(Frame));
}

FName FRigcastLiveLinkSource::FaceName() const
{
	return FName(*(Wanted.Subject + TEXT("_Face")));
}

FName FRigcastLiveLinkSource::BodyName() const
{
	return FName(*(Wanted.Subject + TEXT("_Body")));
}

FText FRigcastLiveLinkSource::GetSourceType() const
{
	return LOCTEXT("SourceType", "Rigcast");
}

FText FRigcastLiveLinkSource::GetSourceMachineName() const
{
	return FText::FromString(Wanted.Url);
}

FText FRigcastLiveLinkSource::GetSourceStatus() const
{
	if (!Connection.IsValid())
	{
		return LOCTEXT("Closed", "closed");
	}
	return FText::FromString(Connection->Status());
}

#undef LOCTEXT_NAMESPACE
